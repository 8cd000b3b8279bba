// Edges that are strong or linked to strong ones.
fn pixel(at: vec2i) -> vec4f {
    let linked = links_word(at.y * thin_extent().x + at.x) >= 0x80000000u;
    return vec4f(select(0.0, 1.0, linked && thin_here().r > 0.5));
}
