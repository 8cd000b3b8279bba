// Luma and colour differences, smeared as chroma is: a Gaussian across.
fn pixel(at: vec2i) -> vec4f {
    let reach = i32(ceil(3.0 * params.deviation));
    let steep = 0.5 / max(params.deviation * params.deviation, 1e-4);
    var sum = vec4f(0.0);
    for (var x = -reach; x <= reach; x++) {
        let weight = exp(-f32(x * x) * steep);
        sum += weight * vec4f(colour_at(at + vec2i(x, 0)).xyz, 1.0);
    }
    return vec4f(sum.xyz / sum.w, 1.0);
}
