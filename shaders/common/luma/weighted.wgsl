// E'Y = KR·E'R + (1 - KR - KB)·E'G + KB·E'B (H.273 equation 38).
fn pixel(at: vec2i) -> vec4f {
    let rgb = image_here().rgb;
    return vec4f(params.kr * rgb.r + (1.0 - params.kr - params.kb) * rgb.g + params.kb * rgb.b);
}
