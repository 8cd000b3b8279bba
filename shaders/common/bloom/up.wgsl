// The coarse picture at twice its size (Chaikin, 1974), mixed into the fine one.
fn pixel(at: vec2i) -> vec4f {
    let half = at / 2;
    let beside = half + 2 * (at % 2) - 1;
    let near = 0.75 * coarse_at(half) + 0.25 * coarse_at(vec2i(half.x, beside.y));
    let far = 0.75 * coarse_at(vec2i(beside.x, half.y)) + 0.25 * coarse_at(beside);
    let drawn = 0.75 * near + 0.25 * far;
    let fine = fine_here();
    return fine + (drawn - fine) * params.share;
}
