// Colours are weighed by their alpha: what is transparent has no say.

// A pixel with its colour multiplied by its alpha, where `multiply` is not 0.
fn multiplied(pixel: vec4f, multiply: f32) -> vec4f {
    return vec4f(pixel.rgb * select(1.0, pixel.a, multiply != 0.0), pixel.a);
}

// A sum of such pixels as one whose colour is divided by its alpha, where `divide` is not 0; and opaque where all were.
fn finished(sum: vec4f, opaque: bool, divide: f32) -> vec4f {
    if (opaque) {
        return vec4f(sum.rgb, 1.0);
    }
    if (divide == 0.0) {
        return sum;
    }
    // Less than the last of 16 bits: nothing is left to see.
    if (sum.a < 1.0 / 65536.0) {
        return vec4f(0.0);
    }
    return vec4f(sum.rgb / sum.a, min(sum.a, 1.0));
}
