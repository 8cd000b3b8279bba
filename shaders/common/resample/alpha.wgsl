// Colours are multiplied by their alpha before they are averaged, so that colours of transparent pixels do not show.

// A pixel with its colour multiplied by its alpha, where `multiply` is not 0.
fn multiplied(pixel: vec4f, multiply: f32) -> vec4f {
    return vec4f(pixel.rgb * select(1.0, pixel.a, multiply != 0.0), pixel.a);
}

// A sum of such pixels as one whose colour is divided by its alpha, where `divide` is not 0; and opaque where all were.
fn finished(sum: vec4f, opaque: bool, divide: f32) -> vec4f {
    // Less alpha than one code of 16 bits is none.
    let least = 1.0 / 65536.0;
    let divided = vec4f(sum.rgb / max(sum.a, least), min(sum.a, 1.0));
    let pixel = select(sum, select(vec4f(0.0), divided, sum.a >= least), divide != 0.0);
    return select(pixel, vec4f(sum.rgb, 1.0), opaque);
}
