fn luma_near(d: vec2i) -> f32 {
    return dot(image_near(d).rgb, vec3f(0.299, 0.587, 0.114));
}

// Light from the upper left on paint that is thicker where it is lighter; and how vivid the colours are.
fn pixel(at: vec2i) -> vec4f {
    let c = image_near(vec2i(0));
    let slope = (luma_near(vec2i(1, 0)) - luma_near(vec2i(-1, 0))) + (luma_near(vec2i(0, 1)) - luma_near(vec2i(0, -1)));
    let light = 0.12 * params.relief * slope / (0.08 + abs(slope));
    let vivid = mix(vec3f(luma_near(vec2i(0))), c.rgb, params.saturation);
    return vec4f(vivid * (1.0 + light), c.a);
}
