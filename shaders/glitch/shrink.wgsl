// The mean of `by` by `by` pixels.
fn pixel(at: vec2i) -> vec4f {
    let by = i32(params.by);
    var sum = 0.0;
    for (var y = 0; y < by; y++) {
        for (var x = 0; x < by; x++) {
            sum += image_at(by * at + vec2i(x, y)).r;
        }
    }
    return vec4f(sum / f32(by * by));
}
