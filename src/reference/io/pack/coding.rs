/// H.273 equation 38.
#[inline(always)]
pub fn luma([r, g, b]: [f32; 3], kr: f32, kb: f32) -> f32 {
    kr * r + (1.0 - kr - kb) * g + kb * b
}

/// H.273 equations 39 and 40: component 1 is C'B, 2 is C'R.
#[inline(always)]
pub fn difference(rgb: [f32; 3], component: usize, kr: f32, kb: f32) -> f32 {
    let y = luma(rgb, kr, kb);
    if component == 1 {
        (rgb[2] - y) / (2.0 * (1.0 - kb))
    } else {
        (rgb[0] - y) / (2.0 * (1.0 - kr))
    }
}
