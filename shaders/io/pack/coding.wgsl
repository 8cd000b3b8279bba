// H.273 equation 38.
fn luma(rgb: vec3f, kr: f32, kb: f32) -> f32 {
    return kr * rgb.r + (1.0 - kr - kb) * rgb.g + kb * rgb.b;
}

// H.273 equations 39 and 40: component 1 is C'B, 2 is C'R.
fn difference(rgb: vec3f, component: i32, kr: f32, kb: f32) -> f32 {
    let y = luma(rgb, kr, kb);
    if (component == 1) {
        return (rgb.b - y) / (2.0 * (1.0 - kb));
    }
    return (rgb.r - y) / (2.0 * (1.0 - kr));
}
