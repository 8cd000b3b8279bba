// Pixels that are brighter, or darker, than all that lies around their places in the frames before and after: 2 or -2 by the
// whole threshold, 1 or -1 by half of it, else 0. After the rank order detector of Nadenau and Mitra (1996), with the least and
// the greatest neighbour in place of the ranks. A pixel must stand out by the vectors that were chosen, for they see past a
// speck, and by those of the blocks around as they were found, for what moves on its own is seen by these alone.

import super::steps::steps;

// What is found must differ by so much more for each whole number that the frames before and after differ about the block.
const GAIN = 3;

// The least and the greatest luma about the places that a pair of vectors leads to.
fn around(at: vec2i, pair: vec4f) -> vec2i {
    let v = i32(params.down) * vec4i(round(pair));
    let before = luma_at(-1, at + v.xy);
    let after = luma_at(1, at + v.zw);
    return vec2i(steps(min(before.g, after.g)), steps(max(before.b, after.b)));
}

fn pixel(at: vec2i) -> vec4f {
    let own = steps(luma_at(0, at).r);
    let block = at / (4 * i32(params.down));
    let known = i32(round(params.least)) + i32(round(package::engine::facts.noise_level * 2040.0));
    var bounds = around(at, chosen_at(block));
    if (own < bounds.y + known / 2 && own > bounds.x - known / 2) {
        return vec4f(0.0);
    }
    var apart = 0;
    for (var k = 0; k < 9; k++) {
        let near = block + vec2i(k % 3 - 1, k / 3 - 1);
        apart = max(apart, i32(apart_at(near).r));
        let by = around(at, vec4f(to_before_at(near).rg, to_after_at(near).rg));
        bounds = vec2i(min(bounds.x, by.x), max(bounds.y, by.y));
    }
    let least = known + GAIN * apart / 2;
    let over = max(own - bounds.y, bounds.x - own);
    let size = select(0, 1, over >= least / 2) + select(0, 1, over >= least);
    return vec4f(f32(select(-size, size, own > bounds.y)));
}
