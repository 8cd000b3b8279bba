// Coded samples of a picture without colour.
fn code(component: i32, at: vec2i) -> f32 {
    if (component == 0 || params.model == 2.0) {
        return image_here().r * params.luma_gain + params.luma_offset;
    }
    return params.chroma_offset;
}
