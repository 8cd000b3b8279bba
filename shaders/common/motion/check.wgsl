// Two codes of 8 bits.
const CODES = 2.0 / 255.0;

// The other image at `p` + `v`, bilinear.
fn moved(p: vec2i, v: vec2f) -> f32 {
    let whole = floor(v);
    let part = v - whole;
    let q = p + vec2i(whole);
    let above = mix(other_at(q).r, other_at(q + vec2i(1, 0)).r, part.x);
    let below = mix(other_at(q + vec2i(0, 1)).r, other_at(q + vec2i(1, 1)).r, part.x);
    return mix(above, below, part.y);
}

// How far the way along `v` and back ends from where it began, by the nearest of the four blocks around the place there.
// Far, where that is outside.
fn way_back(at: vec2i, v: vec2f) -> f32 {
    let there = 4.0 * vec2f(at) + 2.0 + v;
    if (any(there < vec2f(0.0)) || any(there > vec2f(image_extent()))) {
        return 1e6;
    }
    let first = vec2i(floor((there - 2.0) * 0.25));
    var least = 1e6;
    for (var k = 0; k < 4; k++) {
        let back = v + backward_at(first + vec2i(k & 1, k >> 1u)).rg;
        least = min(least, abs(back.x) + abs(back.y));
    }
    return least;
}

// The vector of a block, how sure it is, and how well the block matches. Where it has little texture, it is sure also if the
// way back ends elsewhere: there many vectors match.
fn pixel(at: vec2i) -> vec4f {
    let v = forward_here().rg;
    var texture = 0.0;
    var apart = 0.0;
    for (var j = -2; j < 6; j++) {
        for (var i = -2; i < 6; i++) {
            let p = 4 * at + vec2i(i, j);
            let here = image_at(p).r;
            texture += abs(image_at(p + vec2i(1, 0)).r - here) + abs(image_at(p + vec2i(0, 1)).r - here);
            apart += abs(moved(p, v) - here);
        }
    }
    texture /= 64.0;
    apart /= 64.0;
    let length = abs(v.x) + abs(v.y);
    let back = way_back(at, v);
    let consistent = clamp(1.5 + length / 32.0 - back, 0.0, 1.0);
    let noise = package::engine::facts.noise_level;
    let flat = select(clamp(2.0 - (texture - 1.2 * noise) / CODES, 0.0, 1.0), 0.0, back >= 1e6);
    let matches = clamp(2.0 - apart / (CODES + 0.5 * texture), 0.0, 1.0);
    return vec4f(v, max(consistent, flat) * matches, apart);
}
