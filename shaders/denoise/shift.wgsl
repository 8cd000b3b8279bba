// Adds a change that was found at half the size, bilinear.
fn pixel(at: vec2i) -> vec4f {
    let c = image_here();
    let change = change_between((vec2f(at) + 0.5) * 0.5);
    return vec4f(c.rgb + change.rgb, c.a);
}
