// The Gaussian itself, cut at four standard deviations.
fn pixel(at: vec2i) -> vec4f {
    let reach = i32(ceil(4.0 * params.deviation));
    let fall = -0.5 / (params.deviation * params.deviation);
    var sum = vec4f(0.0);
    var total = 0.0;
    for (var d = -reach; d <= reach; d++) {
        let weight = exp(fall * f32(d * d));
        sum += weight * image_mirrored(vec2i(0, d));
        total += weight;
    }
    return sum / total;
}
