// How much of a ninth of a character is ink.
fn pixel(at: vec2i) -> vec4f {
    let size = vec2i(i32(params.columns), i32(params.rows));
    var sum = 0.0;
    for (var y = 0; y < size.y; y++) {
        for (var x = 0; x < size.x; x++) {
            sum += sheet_at(at * size + vec2i(x, y)).r;
        }
    }
    return vec4f(sum / f32(size.x * size.y));
}
