// Takes the median where it is far from the frame's own value, in any channel.
fn pixel(at: vec2i) -> vec4f {
    let own = image_here();
    let median = median_here();
    let apart = abs(median.rgb - own.rgb);
    let most = max(apart.r, max(apart.g, apart.b));
    let amount = clamp(most * params.gain - 1.0, 0.0, 1.0);
    return vec4f(own.rgb + (median.rgb - own.rgb) * amount, own.a);
}
