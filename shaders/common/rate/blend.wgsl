// The frame and the next one of its scene, mixed by how far the time has gone from one to the other.
fn pixel(at: vec2i) -> vec4f {
    let share = package::engine::facts.phase;
    return image_here(0) * (1.0 - share) + image_here(1) * share;
}
