// Weights of six points about a place between the third and the fourth: cubic convolution of the fourth order (Keys: "Cubic
// convolution interpolation for digital image processing", 1981). On a point they are exactly those of the point.
fn near(t: f32) -> vec3f {
    let u = 1.0 - t;
    return vec3f(t * u * u, -t * u * (8.0 - 7.0 * t), u * (12.0 + 12.0 * t - 16.0 * t * t)) / 12.0;
}

// How far from its own place a pixel is read, turned and grown about the middle of the picture.
fn offset(at: vec2i, size: vec2i, real: f32, imaginary: f32, shift: vec2f) -> vec2f {
    let p = vec2f(at) + 0.5 - 0.5 * vec2f(size);
    return vec2f(real * p.x - imaginary * p.y, imaginary * p.x + real * p.y) + shift;
}
