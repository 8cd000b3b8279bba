// The mean of a stretch of the column.
fn pixel(at: vec2i) -> vec4f {
    let reach = i32(params.reach);
    var sum = vec4f(0.0);
    for (var i = -reach; i <= reach; i++) {
        sum += image_at(at + vec2i(0, i));
    }
    return sum / f32(2 * reach + 1);
}
