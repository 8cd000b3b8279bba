// Black lines over the colours, whose borders are softened by the binomial 1 2 1 both ways; and more or less saturated.
fn pixel(at: vec2i) -> vec4f {
    var sum = vec3f(0.0);
    for (var y = -1; y <= 1; y++) {
        let row = colors_at(at + vec2i(-1, y)).rgb + 2.0 * colors_at(at + vec2i(0, y)).rgb + colors_at(at + vec2i(1, y)).rgb;
        sum += f32(2 - abs(y)) * row;
    }
    let color = sum / 16.0;
    let luma = dot(color, vec3f(0.25, 0.625, 0.125));
    let vivid = clamp(luma + params.saturation * (color - luma), vec3f(0.0), vec3f(1.0));
    return vec4f(vivid * (1.0 - lines_here().r), colors_here().a);
}
