// Half the size: the mean of 2 by 2 pixels.
fn pixel(at: vec2i) -> vec4f {
    let p = 2 * at;
    let above = image_at(p) + image_at(p + vec2i(1, 0));
    let below = image_at(p + vec2i(0, 1)) + image_at(p + vec2i(1, 1));
    return 0.25 * (above + below);
}
