// Moves `low` to black and stretches what is above it.
fn pixel(at: vec2i) -> vec4f {
    let c = image_here();
    return vec4f((c.rgb - params.low) * params.gain, c.a);
}
