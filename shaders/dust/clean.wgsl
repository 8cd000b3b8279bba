// 1 where a pixel was found, and enough pixels around differ by the whole threshold in the same direction; else 0.
fn pixel(at: vec2i) -> vec4f {
    let own = i32(found_near(vec2i(0)).r);
    var count = 0;
    for (var j = -2; j <= 2; j++) {
        for (var i = -2; i <= 2; i++) {
            count += select(0, 1, i32(found_near(vec2i(i, j)).r) == 2 * sign(own));
        }
    }
    return vec4f(select(0.0, 1.0, own != 0 && count >= i32(params.least)));
}
