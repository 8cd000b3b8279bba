// The share of the differences in a window that is kept, by their variance: the slope a of He, Sun and Tang, of squares.
fn pixel(at: vec2i) -> vec4f {
    let mean = mean_here().r - 0.5;
    let variance = max(squares_here().r - mean * mean, 0.0);
    let squared = variance * variance;
    return vec4f(squared / (squared + params.softness * params.softness));
}
