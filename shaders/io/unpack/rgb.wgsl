fn pixel(at: vec2i) -> vec4f {
    let rgb = vec3f(planes_value(0, at), planes_value(1, at), planes_value(2, at));
    var alpha = 1.0;
    if (params.alpha > 0.0) {
        alpha = planes_value(i32(params.alpha), at) * params.alpha_scale;
    }
    return vec4f((rgb - params.luma_offset) * params.luma_scale, alpha);
}
