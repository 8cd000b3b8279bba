import super::hash::pcg3d;

// Uniform in 0..1 at lattice point `p` of layer `layer`.
fn lattice(p: vec2i, layer: u32) -> f32 {
    return f32(pcg3d(vec3u(vec2u(p), layer)).x >> 8u) / 16777215.0;
}

// Value noise in 0..1 between lattice points a unit apart, smooth at them.
fn noise(position: vec2f, layer: u32) -> f32 {
    let base = floor(position);
    let f = position - base;
    let w = f * f * (3.0 - 2.0 * f);
    let p = vec2i(base);
    let top = mix(lattice(p, layer), lattice(p + vec2i(1, 0), layer), w.x);
    let bottom = mix(lattice(p + vec2i(0, 1), layer), lattice(p + vec2i(1, 1), layer), w.x);
    return mix(top, bottom, w.y);
}
