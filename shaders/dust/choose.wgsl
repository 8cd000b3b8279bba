// Where a block is in the frames before and after, red and green, and blue and alpha: two vectors of a pair. A speck lies on
// the block's own frame alone, so pairs are compared by the difference of the two other frames.

import super::steps::steps;

// Blocks to the neighbours whose pairs are tried: beyond a speck of twelve pixels.
const FAR = 3;
// A pair other than the block's own must be better by one whole number for each pixel.
const PRICE = 64;

// The pair of block `at`.
fn pair(at: vec2i) -> vec4f {
    return vec4f(to_before_at(at).rg, to_after_at(at).rg);
}

// The pair that lies half-way on the vector from the frame before to the one after.
fn half_way(at: vec2i) -> vec4f {
    let v = across_at(at).rg;
    return vec4f(-0.5 * v, 0.5 * v);
}

fn differs(at: vec2i, by: vec4f) -> i32 {
    let v = vec4i(round(by));
    var sum = 0;
    for (var j = -2; j < 6; j++) {
        for (var i = -2; i < 6; i++) {
            let p = 4 * at + vec2i(i, j);
            sum += abs(steps(before_at(p + v.xy).r) - steps(after_at(p + v.zw).r));
        }
    }
    return sum;
}

fn pixel(at: vec2i) -> vec4f {
    var best = pair(at);
    var least = differs(at, best) - PRICE;
    for (var k = 0; k < 5; k++) {
        var by = half_way(at);
        switch (k) {
            case 1: { by = pair(at - vec2i(FAR, 0)); }
            case 2: { by = pair(at + vec2i(FAR, 0)); }
            case 3: { by = pair(at - vec2i(0, FAR)); }
            case 4: { by = pair(at + vec2i(0, FAR)); }
            default: {}
        }
        if (all(round(by) == round(best))) {
            continue;
        }
        let here = differs(at, by);
        if (here < least) {
            best = by;
            least = here;
        }
    }
    return best;
}
