// Luma as a whole number, and the least and the greatest of the 3 by 3 pixels around.

import super::code::code;

fn pixel(at: vec2i) -> vec4f {
    let own = code(luma_here().r);
    var least = own;
    var most = own;
    for (var k = 0; k < 9; k++) {
        let near = code(luma_at(at + vec2i(k % 3 - 1, k / 3 - 1)).r);
        least = min(least, near);
        most = max(most, near);
    }
    return vec4f(f32(own), f32(least), f32(most), 1.0);
}
