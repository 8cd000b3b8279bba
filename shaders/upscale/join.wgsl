// The colours of a picture, moved by what one luma has more than another.
fn pixel(at: vec2i) -> vec4f {
    let c = colors_here();
    return vec4f(c.rgb + (luma_here().r - plain_here().r), c.a);
}
