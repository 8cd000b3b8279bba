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

// A vector that is no nearer to a neighbour's than this many pixels differs from it as much as any.
const FAR = 4;

// The deviation of the source's noise in the whole numbers of luma.
fn noise_units() -> i32 {
    return i32(round(package::engine::facts.noise_level * 1020.0));
}

fn near(at: vec2i, k: i32) -> vec2i {
    return vec2i(vectors_at(at + vec2i(k % 3 - 1, k / 3 - 1)).rg);
}

// How much a vector costs at a block: for each pixel that it differs from one of the four neighbours beside it, 32, and
// more in noise.
fn cost(at: vec2i, v: vec2i) -> f32 {
    var rough = 0;
    for (var k = 1; k < 9; k += 2) {
        rough += min(apart(v, near(at, k)), FAR);
    }
    return differs(at, v) + f32((32 + 2 * noise_units()) * rough);
}

// The best vector of a block, of its own and those of the eight blocks around.
fn pixel(at: vec2i) -> vec4f {
    let own = near(at, 4);
    var alike = true;
    for (var k = 0; k < 9; k++) {
        alike = alike && all(near(at, k) == own);
    }
    if (alike) {
        return vec4f(vec2f(own), 0.0, 1.0);
    }
    var best = own;
    var least = cost(at, own);
    for (var k = 0; k < 9; k++) {
        let v = near(at, k);
        let here = cost(at, v);
        if (here < least) {
            best = v;
            least = here;
        }
    }
    return vec4f(vec2f(best), 0.0, 1.0);
}
