// Counter-based noise: PCG in three dimensions (Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 2020).
fn pcg3d(counter: vec3u) -> vec3u {
    var v = counter * 1664525u + 1013904223u;
    v.x += v.y * v.z;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v ^= v >> vec3u(16u);
    v.x += v.y * v.z;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    return v;
}

// Triangular noise in -1..1 for component `component` of the pixel at `at`; `key` differs from frame to frame.
fn triangular(at: vec2i, component: u32, key: u32) -> f32 {
    let h = pcg3d(vec3u(vec2u(at), key + component));
    return f32(h.x >> 8u) / 16777216.0 + f32(h.y >> 8u) / 16777216.0 - 1.0;
}
