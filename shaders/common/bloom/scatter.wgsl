import super::excess::excess;

// The light that glows, taken from where it was and given to where it went.
fn pixel(at: vec2i) -> vec4f {
    let half = at / 2;
    let beside = half + 2 * (at % 2) - 1;
    let near = 0.75 * glow_at(half).rgb + 0.25 * glow_at(vec2i(half.x, beside.y)).rgb;
    let far = 0.75 * glow_at(vec2i(beside.x, half.y)).rgb + 0.25 * glow_at(beside).rgb;
    let glow = 0.75 * near + 0.25 * far;
    let image = image_here();
    return vec4f(image.rgb + params.strength * (glow - excess(image.rgb, params.threshold)), image.a);
}
