// Luma in whole steps of 1/1020 (a code is got back from it exactly), and the least and the greatest of the 3 by 3 pixels around.

import super::steps::steps;

fn pixel(at: vec2i) -> vec4f {
    let own = steps(luma_here().r);
    var least = own;
    var most = own;
    for (var k = 0; k < 9; k++) {
        let near = steps(luma_at(at + vec2i(k % 3 - 1, k / 3 - 1)).r);
        least = min(least, near);
        most = max(most, near);
    }
    return vec4f(vec3f(vec3i(own, least, most)) * (1.0 / 1020.0), 1.0);
}
