import super::buckets::CLASSES;

// Numbers of a filter of 5 by 5 taps in the table, in fours.
const STRIDE = 7;

// A pixel of twice the size, by the filter for how the picture runs there. The four pixels that one becomes share filters:
// each sees its surroundings mirrored so that the nearest neighbours lie right and below, and transposed where that brings
// the angle into the right half plane.
fn pixel(at: vec2i) -> vec4f {
    let low = at / 2;
    let mirror = 2 * (at % 2) - 1;
    let code = i32(direction_at(low).r);
    let straight = code % 3;
    let steep = (code / 3) % CLASSES;
    let angle = code / (3 * CLASSES);
    let v = (angle % 3 - 1) * mirror.x * mirror.y;
    let transposed = (angle / 3) % 2 == 1;
    let sextant = angle / 6;
    let sector = select(6 + sextant, 5 - sextant, v < 0);
    let first = STRIDE * ((sector * CLASSES + steep) * 3 + straight);
    var sum = 0.0;
    for (var four = 0; four < STRIDE; four++) {
        let weights = filters_vec4(first + four);
        for (var lane = 0; lane < select(4, 1, four == STRIDE - 1); lane++) {
            let tap = 4 * four + lane;
            let d = vec2i(tap % 5 - 2, tap / 5 - 2);
            sum += weights[lane] * luma_at(low + mirror * select(d, d.yx, transposed)).r;
        }
    }
    return vec4f(sum);
}
