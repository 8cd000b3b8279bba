import package::common::border::wrap;

// Brightness of the paper at its pixel `p`, tiled without end (BT.601 weights).
fn paper(p: vec2i) -> f32 {
    let rgb = paper_at(wrap(p, paper_extent())).rgb;
    return dot(rgb, vec3f(0.299, 0.587, 0.114));
}

// The drawing multiplied onto the paper.
fn pixel(at: vec2i) -> vec4f {
    let position = vec2f(at) * params.pixel;
    let base = floor(position);
    let f = position - base;
    let p = vec2i(base);
    let top = mix(paper(p), paper(p + vec2i(1, 0)), f.x);
    let bottom = mix(paper(p + vec2i(0, 1)), paper(p + vec2i(1, 1)), f.x);
    return vec4f(drawing_here().r * clamp(mix(top, bottom, f.y), 0.0, 1.0));
}
