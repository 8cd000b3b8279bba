// Colour difference at a luma position: linear between the chroma samples around it, by where they are sited.
fn chroma(component: i32, at: vec2i) -> f32 {
    let position = (vec2f(at) - vec2f(params.siting_x, params.siting_y)) * vec2f(params.step_x, params.step_y);
    let first = floor(position);
    let f = position - first;
    let p = vec2i(first);
    let top = mix(planes_value(component, p), planes_value(component, p + vec2i(1, 0)), f.x);
    let bottom = mix(planes_value(component, p + vec2i(0, 1)), planes_value(component, p + vec2i(1, 1)), f.x);
    return (mix(top, bottom, f.y) - params.chroma_offset) * params.chroma_scale;
}

// H.273 equations 38 to 40, solved for R, G and B.
fn pixel(at: vec2i) -> vec4f {
    let y = (planes_value(0, at) - params.luma_offset) * params.luma_scale;
    let cb = chroma(1, at);
    let cr = chroma(2, at);
    let kr = params.kr;
    let kb = params.kb;
    let r = y + 2.0 * (1.0 - kr) * cr;
    let b = y + 2.0 * (1.0 - kb) * cb;
    let g = (y - kr * r - kb * b) / (1.0 - kr - kb);
    var alpha = 1.0;
    if (params.alpha > 0.0) {
        alpha = planes_value(i32(params.alpha), at) * params.alpha_scale;
    }
    return vec4f(r, g, b, alpha);
}
