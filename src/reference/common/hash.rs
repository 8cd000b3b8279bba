/// PCG in three dimensions (Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 2020).
#[inline(always)]
pub fn pcg3d(counter: [u32; 3]) -> [u32; 3] {
    let [mut x, mut y, mut z] =
        counter.map(|c| c.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    x = x.wrapping_add(y.wrapping_mul(z));
    y = y.wrapping_add(z.wrapping_mul(x));
    z = z.wrapping_add(x.wrapping_mul(y));
    x ^= x >> 16;
    y ^= y >> 16;
    z ^= z >> 16;
    x = x.wrapping_add(y.wrapping_mul(z));
    y = y.wrapping_add(z.wrapping_mul(x));
    z = z.wrapping_add(x.wrapping_mul(y));
    [x, y, z]
}

/// Triangular noise in -1..1 for component `component` of pixel (`x`, `y`); `key` differs from frame to frame.
#[inline(always)]
pub fn triangular(x: u32, y: u32, component: u32, key: u32) -> f32 {
    let [a, b, _] = pcg3d([x, y, key.wrapping_add(component)]);
    (a >> 8) as f32 / 16_777_216.0 + (b >> 8) as f32 / 16_777_216.0 - 1.0
}
