// How much the window of block `at` differs from the one at `v` from it.
fn differs(at: vec2i, v: vec2i) -> f32 {
    var sum = 0.0;
    for (var j = -2; j < 6; j++) {
        for (var i = -2; i < 6; i++) {
            let p = 4 * at + vec2i(i, j);
            sum += abs(image_at(p).r - other_at(p + v).r);
        }
    }
    return sum;
}

// How far two vectors are apart: columns and rows together.
fn apart(a: vec2i, b: vec2i) -> i32 {
    return abs(a.x - b.x) + abs(a.y - b.y);
}

// The deviation of the source's noise in the whole numbers of luma.
fn noise_units() -> i32 {
    return i32(round(package::engine::facts.noise_level * 1020.0));
}

// Twice the vector of a block of the picture of half the size.
fn twice(at: vec2i) -> vec2i {
    return 2 * vec2i(coarse_at(at).rg);
}

// The best vector, of no motion, twice those of the four nearest blocks of the picture of half the size, and then of those a
// pixel beside the best. What differs from twice that of the nearest must be better by 16, and more in noise, for each
// pixel.
fn pixel(at: vec2i) -> vec4f {
    let near = at >> vec2u(1u);
    let side = near + select(vec2i(1), vec2i(-1), (at & vec2i(1)) == vec2i(0));
    let guess = twice(near);
    let price = 16 + noise_units();
    let tried = array(twice(vec2i(side.x, near.y)), twice(vec2i(near.x, side.y)), twice(side), vec2i(0));
    var best = guess;
    var least = differs(at, best);
    for (var k = 0; k < 4; k++) {
        let v = tried[k];
        let cost = differs(at, v) + f32(price * apart(v, guess));
        if (cost < least) {
            best = v;
            least = cost;
        }
    }
    let centre = best;
    for (var k = 0; k < 9; k++) {
        let v = centre + vec2i(k % 3 - 1, k / 3 - 1);
        let cost = differs(at, v) + f32(price * apart(v, guess));
        if (cost < least) {
            best = v;
            least = cost;
        }
    }
    return vec4f(vec2f(best), 0.0, 1.0);
}
