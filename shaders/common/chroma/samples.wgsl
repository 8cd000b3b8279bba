// Luma where a sample of chroma is sited, by a triangle as wide as the samples are apart, and the two colour differences.
fn pixel(at: vec2i) -> vec4f {
    let apart = 1.0 / vec2f(params.step_x, params.step_y);
    let place = vec2f(at) * apart + vec2f(params.siting_x, params.siting_y);
    let first = vec2i(floor(place)) - 1;
    var luma = 0.0;
    var total = 0.0;
    for (var j = 0; j < 4; j++) {
        for (var i = 0; i < 4; i++) {
            let p = first + vec2i(i, j);
            let near = max(1.0 - abs(vec2f(p) - place) / apart, vec2f(0.0));
            luma += near.x * near.y * planes_value(0, p);
            total += near.x * near.y;
        }
    }
    let chroma = vec2f(planes_value(1, at), planes_value(2, at)) - params.chroma_offset;
    return vec4f((luma / total - params.luma_offset) * params.luma_scale, chroma * params.chroma_scale, 1.0);
}
