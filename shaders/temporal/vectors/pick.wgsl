// Two codes of 8 bits.
const CODES = 2.0 / 255.0;

// Luma as a whole number.
fn whole(luma: f32) -> f32 {
    return round(luma * 1020.0);
}

// How much the 4 by 4 pixels about a cell differ from those at `v` from there, to the nearest pixel, in whole numbers.
fn differs(at: vec2i, v: vec2f) -> f32 {
    let by = vec2i(floor(v + 0.5));
    var sum = 0.0;
    for (var j = -1; j < 3; j++) {
        for (var i = -1; i < 3; i++) {
            let p = 2 * at + vec2i(i, j);
            sum += abs(whole(image_at(p).r) - whole(other_at(p + by).r));
        }
    }
    return sum;
}

// The other image at `p` + `v`, bilinear.
fn moved(p: vec2i, v: vec2f) -> f32 {
    let floored = floor(v);
    let part = v - floored;
    let q = p + vec2i(floored);
    let above = mix(other_at(q).r, other_at(q + vec2i(1, 0)).r, part.x);
    let below = mix(other_at(q + vec2i(0, 1)).r, other_at(q + vec2i(1, 1)).r, part.x);
    return mix(above, below, part.y);
}

// The vector of a cell of 2 by 2 pixels, of the blocks about it the one with which it matches best; and how sure that is: the
// match must be as good as noise and texture allow. Twice the vector, because the images have half the size. Where the cell
// matches about as well without motion, it has none: noise must not move what stands still. Alpha is how much is seen there.
fn pixel(at: vec2i) -> vec4f {
    let near = at >> vec2u(1u);
    let side = near + select(vec2i(1), vec2i(-1), (at & vec2i(1)) == vec2i(0));
    var best = blocks_at(near);
    var least = -1.0;
    let others = array(vec2i(side.x, near.y), vec2i(near.x, side.y), side);
    for (var k = 0; k < 3; k++) {
        let other = blocks_at(others[k]);
        let far = abs(other.rg - best.rg);
        if (max(far.x, far.y) < 1.0) {
            continue;
        }
        if (least < 0.0) {
            least = differs(at, best.rg);
        }
        let cost = differs(at, other.rg);
        if (cost < least) {
            best = other;
            least = cost;
        }
    }
    var texture = 0.0;
    var apart = 0.0;
    var still = 0.0;
    for (var j = -1; j < 3; j++) {
        for (var i = -1; i < 3; i++) {
            let p = 2 * at + vec2i(i, j);
            let here = image_at(p).r;
            texture += abs(image_at(p + vec2i(1, 0)).r - here) + abs(image_at(p + vec2i(0, 1)).r - here);
            apart += abs(moved(p, best.rg) - here);
            still += abs(other_at(p).r - here);
        }
    }
    // Coding leaves some noise even where the picture has none: half a code value of eight bits.
    let noise = max(package::engine::facts.noise_level, 0.5 / 255.0);
    let stands = still < 1.3 * apart + noise;
    let v = select(2.0 * best.rg, vec2f(0.0), stands);
    apart = select(apart, still, stands);
    texture /= 16.0;
    let allowed = 2.0 * noise + 0.25 * texture;
    let matches = clamp(2.0 - apart / 16.0 / allowed, 0.0, 1.0);
    let sure = select(0.0, select(best.b, 1.0, stands) * matches, package::engine::facts.history_valid != 0u);
    let seen = clamp((texture - 1.2 * noise) / CODES - 1.0, 0.0, 1.0);
    return vec4f(v, sure, seen);
}
