// Lines of a width around the edges, their borders antialiased: how much of the pixel they cover.
fn pixel(at: vec2i) -> vec4f {
    let reach = i32(ceil(params.half + 0.5));
    var cover = 0.0;
    for (var dy = -reach; dy <= reach; dy++) {
        for (var dx = -reach; dx <= reach; dx++) {
            let near = clamp(params.half + 0.5 - sqrt(f32(dx * dx + dy * dy)), 0.0, 1.0);
            cover = max(cover, near * edges_at(at + vec2i(dx, dy)).r);
        }
    }
    return vec4f(cover);
}
