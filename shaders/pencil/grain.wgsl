import package::common::noise::noise;

// Paper whose tooth the graphite catches on: dark strokes break up over its valleys, bare paper stays nearly white.
fn pixel(at: vec2i) -> vec4f {
    let position = vec2f(at) * params.pixel;
    let tooth = 0.5 * noise(position / 2.0, 0u) + 0.3 * noise(position / 4.5, 1u) + 0.2 * noise(position / 11.0, 2u);
    let paper = 1.0 - 0.08 * tooth;
    let graphite = 1.0 - drawing_here().r;
    return vec4f(paper * (1.0 - graphite * (1.0 - 0.55 * tooth)));
}
