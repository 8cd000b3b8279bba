import super::excess::excess;

// Binomial weights 1 3 3 1.
fn weight(i: i32) -> f32 {
    return select(0.375, 0.125, i == 0 || i == 3);
}

// The light that glows, at half size.
fn pixel(at: vec2i) -> vec4f {
    var sum = vec3f(0.0);
    for (var j = 0; j < 4; j++) {
        var row = vec3f(0.0);
        for (var i = 0; i < 4; i++) {
            row += weight(i) * excess(image_at(2 * at + vec2i(i - 1, j - 1)).rgb, params.threshold);
        }
        sum += weight(j) * row;
    }
    return vec4f(sum, 1.0);
}
