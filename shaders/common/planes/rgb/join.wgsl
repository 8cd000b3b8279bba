// The picture of luma and colour differences: these are linear between their samples, by where they are sited.
// H.273 equations 38 to 40, solved for R, G and B.
fn pixel(at: vec2i) -> vec4f {
    let position = (vec2f(at) - vec2f(params.siting_x, params.siting_y)) * vec2f(params.step_x, params.step_y);
    let first = floor(position);
    let f = position - first;
    let p = vec2i(first);
    let top = mix(chroma_at(p).rg, chroma_at(p + vec2i(1, 0)).rg, f.x);
    let bottom = mix(chroma_at(p + vec2i(0, 1)).rg, chroma_at(p + vec2i(1, 1)).rg, f.x);
    let difference = mix(top, bottom, f.y);
    let y = luma_here().r;
    let kr = params.kr;
    let kb = params.kb;
    let r = y + 2.0 * (1.0 - kr) * difference.y;
    let b = y + 2.0 * (1.0 - kb) * difference.x;
    return vec4f(r, (y - kr * r - kb * b) / (1.0 - kr - kb), b, 1.0);
}
