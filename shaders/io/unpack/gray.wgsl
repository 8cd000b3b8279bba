fn pixel(at: vec2i) -> vec4f {
    let y = (planes_value(0, at) - params.luma_offset) * params.luma_scale;
    var alpha = 1.0;
    if (params.alpha > 0.0) {
        alpha = planes_value(i32(params.alpha), at) * params.alpha_scale;
    }
    return vec4f(y, y, y, alpha);
}
