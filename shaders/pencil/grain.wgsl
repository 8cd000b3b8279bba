import package::common::hash::pcg3d;

// Height of the paper at lattice point `p` of octave `octave`, 0..1.
fn lattice(p: vec2i, octave: u32) -> f32 {
    return f32(pcg3d(vec3u(vec2u(p), octave)).x >> 8u) / 16777215.0;
}

// Value noise between lattice points, smooth at them.
fn relief(position: vec2f, octave: u32) -> f32 {
    let base = floor(position);
    let f = position - base;
    let w = f * f * (3.0 - 2.0 * f);
    let p = vec2i(base);
    let top = mix(lattice(p, octave), lattice(p + vec2i(1, 0), octave), w.x);
    let bottom = mix(lattice(p + vec2i(0, 1), octave), lattice(p + vec2i(1, 1), octave), w.x);
    return mix(top, bottom, w.y);
}

// Paper whose tooth the graphite catches on: dark strokes break up over its valleys, bare paper stays nearly white.
fn pixel(at: vec2i) -> vec4f {
    let position = vec2f(at) * params.pixel;
    let tooth = 0.5 * relief(position / 2.0, 0u) + 0.3 * relief(position / 4.5, 1u) + 0.2 * relief(position / 11.0, 2u);
    let paper = 1.0 - 0.08 * tooth;
    let graphite = 1.0 - drawing_here().r;
    return vec4f(paper * (1.0 - graphite * (1.0 - 0.55 * tooth)));
}
