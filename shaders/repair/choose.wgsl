// The vector, from the good frame before to the one after, of what is at each block at the time of the lost frame between them.

import super::between::{before_by, steps};

// A vector other than the first must be better by a whole number for each pixel.
const PRICE = 144;

// How much the frames before and after differ where vector `v` leads from block `at`, over 12 by 12 pixels.
fn differs(at: vec2i, v: vec2f, by: vec2i) -> i32 {
    let first = 4 * at - before_by(v, by);
    let last = first + vec2i(round(v));
    var sum = 0;
    for (var j = -4; j < 8; j++) {
        for (var i = -4; i < 8; i++) {
            let p = vec2i(i, j);
            sum += abs(steps(before_at(first + p).r) - steps(after_at(last + p).r));
        }
    }
    return sum;
}

// Vector `k` that is tried at a block, of those from the frame before where `k` is even, and else of those from the one after:
// the block's own, that of the block it leads to, and those of blocks 1, 2 and 4 beside.
fn tried(at: vec2i, k: i32, by: vec2i) -> vec2f {
    let back = k % 2 == 1;
    var d = vec2i(0);
    if (k == 2 || k == 3) {
        let v = select(forward_at(at).rg, -backward_at(at).rg, back);
        let passed = before_by(v, by);
        d = (select(-passed, vec2i(round(v)) - passed, back) + 4098) / 4 - 1024;
    } else if (k > 3) {
        let far = 1 << u32((k - 4) / 8);
        let way = (k / 2 - 2) % 4;
        d = select(vec2i(0, far), vec2i(far, 0), way < 2) * select(1, -1, way % 2 == 0);
    }
    return select(forward_at(at + d).rg, -backward_at(at + d).rg, back);
}

fn pixel(at: vec2i) -> vec4f {
    let found = vec3i(round(verdict_at(vec2i(0)).rgb));
    if (found.x == 0) {
        return vec4f(0.0);
    }
    let by = found.yz;
    var best = forward_at(at).rg;
    var least = differs(at, best, by) - PRICE;
    for (var k = 1; k < 28; k++) {
        let v = tried(at, k, by);
        let here = differs(at, v, by);
        if (here < least) {
            best = v;
            least = here;
        }
    }
    return vec4f(best, 0.0, 1.0);
}
