// The mean difference of a block between the frames before and after, in the whole numbers of luma: how well its motion is known.

import super::steps::steps;

fn pixel(at: vec2i) -> vec4f {
    let v = vec4i(round(chosen_here()));
    var sum = 0;
    for (var j = -2; j < 6; j++) {
        for (var i = -2; i < 6; i++) {
            let p = 4 * at + vec2i(i, j);
            sum += abs(steps(before_at(p + v.xy).r) - steps(after_at(p + v.zw).r));
        }
    }
    return vec4f(f32(sum / 64));
}
