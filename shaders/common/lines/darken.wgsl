// What is darker than its surroundings, darker by half of that.
fn pixel(at: vec2i) -> vec4f {
    let here = luma_here().r;
    let darker = here + 0.5 * params.amount * min(here - around_here().r, 0.0);
    return vec4f(max(darker, min(here, 0.0)));
}
