// The mean of `by` by `by` pixels, and in place of alpha the square of its luma.
fn pixel(at: vec2i) -> vec4f {
    let by = i32(params.by);
    var sum = vec3f(0.0);
    for (var y = 0; y < by; y++) {
        for (var x = 0; x < by; x++) {
            sum += image_at(by * at + vec2i(x, y)).rgb;
        }
    }
    let mean = sum / f32(by * by);
    let luma = dot(mean, vec3f(0.299, 0.587, 0.114));
    return vec4f(mean, luma * luma);
}
