// The mean of `down` by `down` pixels, 1 or 2.
fn pixel(at: vec2i) -> vec4f {
    let down = i32(params.down);
    let p = down * at;
    let q = p + vec2i(down - 1);
    let above = image_at(p).r + image_at(vec2i(q.x, p.y)).r;
    let below = image_at(vec2i(p.x, q.y)).r + image_at(q).r;
    return vec4f(0.25 * (above + below));
}
