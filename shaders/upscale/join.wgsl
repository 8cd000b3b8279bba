// The colours of a picture, moved to another luma, which is times alpha; less where the picture is transparent, as the two go over into
// nothing in different ways.
fn pixel(at: vec2i) -> vec4f {
    let c = colors_here();
    let own = params.kr * c.r + (1.0 - params.kr - params.kb) * c.g + params.kb * c.b;
    return vec4f(c.rgb + c.a * (luma_here().r - c.a * own), c.a);
}
