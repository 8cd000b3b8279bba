/// H.273 equation 38.
#[inline(always)]
pub fn luma([r, g, b]: [f32; 3], kr: f32, kb: f32) -> f32 {
    kr * r + (1.0 - kr - kb) * g + kb * b
}

/// Weights of red, green and blue in a colour difference (H.273 equations 39 and 40): component 1 is C'B, 2 is C'R.
pub fn difference(component: usize, kr: f32, kb: f32) -> [f32; 3] {
    let kg = 1.0 - kr - kb;
    if component == 1 {
        [-0.5 * kr / (1.0 - kb), -0.5 * kg / (1.0 - kb), 0.5]
    } else {
        [0.5, -0.5 * kg / (1.0 - kr), -0.5 * kb / (1.0 - kr)]
    }
}
