// The ink of the character that has most of it, as a share of a cell: the sum of its ninths, whole numbers up to 255.
fn pixel(at: vec2i) -> vec4f {
    let columns = i32(params.atlas_columns);
    var most = 1;
    for (var k = 0; k < i32(params.count); k++) {
        let first = 3 * vec2i(k % columns, k / columns);
        var sum = 0;
        for (var i = 0; i < 9; i++) {
            sum += i32(round(shapes_at(first + vec2i(i % 3, i / 3)).r * 255.0));
        }
        most = max(most, sum);
    }
    return vec4f(f32(most) / 2295.0);
}
