// The mean luma of cells of `side` by `side` pixels, in whole steps of 1/4080: a sixteenth of a code of 8 bits.
fn pixel(at: vec2i) -> vec4f {
    let side = i32(params.side);
    var sum = 0;
    for (var j = 0; j < side; j++) {
        for (var i = 0; i < side; i++) {
            sum += i32(round(clamp(luma_at(side * at + vec2i(i, j)).r, 0.0, 1.0) * 1020.0));
        }
    }
    let count = side * side;
    return vec4f(f32((4 * sum + count / 2) / count) * (1.0 / 4080.0));
}
