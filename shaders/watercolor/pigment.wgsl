import package::common::hash::pcg3d;

// Smooth noise of three channels in -0.5..0.5 between lattice points a unit apart.
fn lattice(p: vec2i, layer: u32) -> vec3f {
    return vec3f(pcg3d(vec3u(vec2u(p), layer)) >> vec3u(8u)) / 16777215.0 - 0.5;
}

fn noise(position: vec2f, layer: u32) -> vec3f {
    let base = floor(position);
    let f = position - base;
    let w = f * f * (3.0 - 2.0 * f);
    let p = vec2i(base);
    let top = mix(lattice(p, layer), lattice(p + vec2i(1, 0), layer), w.x);
    let bottom = mix(lattice(p + vec2i(0, 1), layer), lattice(p + vec2i(1, 1), layer), w.x);
    return mix(top, bottom, w.y);
}

// The pigment that was laid at `p`, in pixels at 1080 lines: where its edges wander to, its clouds, its grains.
fn laid(p: vec2f) -> vec4f {
    let wide = noise(p / 70.0, 0u) + 0.5 * noise(p / 26.0, 1u);
    let fine = noise(p / 7.0, 2u) + noise(p / 3.4, 3u);
    return vec4f(wide.xy + 0.2 * fine.xy, wide.z, fine.z);
}

// Both layers of pigment, mixed so that each is seen least when it is laid anew.
fn pixel(at: vec2i) -> vec4f {
    let d = drift_sample((vec2f(at) + 0.5) / vec2f(package::engine::extent)) * params.cell;
    let here = vec2f(at) + 0.5;
    let a = laid((here + d.xy) * params.unit);
    let age = f32(package::engine::facts.age % 48u) / 48.0;
    let share = 1.0 - abs(2.0 * age - 1.0);
    let b = laid((here + d.zw) * params.unit);
    // Where the layers differ, their mix is paler than either.
    let apart = clamp(length((d.xy - d.zw) * params.unit) / 4.0, 0.0, 1.0);
    let gain = mix(1.0, inverseSqrt(share * share + (1.0 - share) * (1.0 - share)), apart);
    return mix(b, a, share) * gain;
}
