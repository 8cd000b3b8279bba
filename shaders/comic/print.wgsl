// Inks on paper, each a filter over those below, and the lines in black over all.
fn pixel(at: vec2i) -> vec4f {
    let inks = inks_here();
    let paper = vec3f(params.paper_r, params.paper_g, params.paper_b);
    let cyan = 1.0 - inks.r * (1.0 - vec3f(params.cyan_r, params.cyan_g, params.cyan_b));
    let magenta = 1.0 - inks.g * (1.0 - vec3f(params.magenta_r, params.magenta_g, params.magenta_b));
    let yellow = 1.0 - inks.b * (1.0 - vec3f(params.yellow_r, params.yellow_g, params.yellow_b));
    let solid = vec3f(params.black_r, params.black_g, params.black_b);
    let black = 1.0 - inks.a * (1.0 - solid);
    let printed = cyan * magenta * yellow * black;
    return vec4f(paper * (printed + (solid * cyan * magenta * yellow - printed) * lines_here().r), 1.0);
}
