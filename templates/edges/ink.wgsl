// Black lines over the colours, which are softened and more or less saturated.
//
// This text is that of a kernel of aquatint's own, so it runs on the processor, too. After your first change it runs on a
// graphics card, or on software Vulkan where there is none.
fn pixel(at: vec2i) -> vec4f {
    // A mean of 3 by 3 pixels with the weights 1 2 1 both ways. Beyond the border the nearest pixel is read.
    var sum = vec3f(0.0);
    for (var y = -1; y <= 1; y++) {
        let row = colors_at(at + vec2i(-1, y)).rgb + 2.0 * colors_at(at + vec2i(0, y)).rgb + colors_at(at + vec2i(1, y)).rgb;
        sum += f32(2 - abs(y)) * row;
    }
    let color = sum / 16.0;
    let luma = dot(color, vec3f(0.25, 0.625, 0.125));
    let vivid = clamp(luma + params.saturation * (color - luma), vec3f(0.0), vec3f(1.0));
    // An image of one channel has its value in red.
    return vec4f(vivid * (1.0 - lines_here().r), colors_here().a);
}
