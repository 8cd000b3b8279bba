// Pixels that are brighter, or darker, than all that lies around their places in the frames before and after: 2 or -2 by the
// whole threshold, 1 or -1 by half of it, else 0. After the rank order detector of Nadenau and Mitra (1996), simplified by
// Biswas, Kumaran and Kokaram. A pixel must stand out by the block's own vectors, and by those that were chosen: what moves on
// its own is explained by the first, and what lies on a speck by the second.

import super::code::code;

// The least and the greatest luma of 3 by 3 pixels about `p` of the frame at `k`.
fn around(k: i32, p: vec2i) -> vec2i {
    var bounds = vec2i(1020, 0);
    for (var j = -1; j <= 1; j++) {
        for (var i = -1; i <= 1; i++) {
            let c = code(luma_at(k, p + vec2i(i, j)).r);
            bounds = vec2i(min(bounds.x, c), max(bounds.y, c));
        }
    }
    return bounds;
}

fn both(a: vec2i, b: vec2i) -> vec2i {
    return vec2i(min(a.x, b.x), max(a.y, b.y));
}

fn pixel(at: vec2i) -> vec4f {
    let own = code(luma_at(0, at).r);
    let down = i32(params.down);
    let block = at / (4 * down);
    var apart = 0;
    for (var k = 0; k < 9; k++) {
        apart = max(apart, i32(apart_at(block + vec2i(k % 3 - 1, k / 3 - 1)).r));
    }
    let least = i32(params.least) + i32(round(package::engine::facts.noise_level * 2040.0)) + i32(params.gain) * apart / 2;
    let chosen = chosen_at(block);
    let c = down * vec4i(round(chosen));
    var bounds = both(around(-1, at + c.xy), around(1, at + c.zw));
    if (own + least / 2 > bounds.x && own < bounds.y + least / 2) {
        return vec4f(0.0);
    }
    for (var k = 0; k < 9; k++) {
        let near = block + vec2i(k % 3 - 1, k / 3 - 1);
        let v = down * vec4i(round(vec4f(to_before_at(near).rg, to_after_at(near).rg)));
        bounds = both(bounds, both(around(-1, at + v.xy), around(1, at + v.zw)));
    }
    let over = own - bounds.y;
    let under = bounds.x - own;
    var mark = 0;
    mark += select(0, 1, over >= least / 2) + select(0, 1, over >= least);
    mark -= select(0, 1, under >= least / 2) + select(0, 1, under >= least);
    return vec4f(f32(mark));
}
