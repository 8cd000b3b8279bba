import super::coding::{luma, difference};

// Coded samples where every component has one for each pixel.
fn code(component: i32, at: vec2i) -> f32 {
    let rgb = image_here().rgb;
    if (params.model == 2.0) {
        return rgb[component] * params.luma_gain + params.luma_offset;
    }
    // Gray floats: exact where the three are equal.
    if (params.model == 3.0) {
        return rgb.g + params.kr * (rgb.r - rgb.g) + params.kb * (rgb.b - rgb.g);
    }
    if (component == 0) {
        return luma(rgb, params.kr, params.kb) * params.luma_gain + params.luma_offset;
    }
    return difference(rgb, component, params.kr, params.kb) * params.chroma_gain + params.chroma_offset;
}
