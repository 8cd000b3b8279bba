// How far the upper half of a gray picture differs from the lower half: both are pictures of params.rows rows. All in
// whole numbers, so that every device finds the same. The words of row y are:
//   3 y      sum of the lower 16 bits of the squares of the differences
//   3 y + 1  sum of their upper 16 bits
//   3 y + 2  sum of what the SSIM of each window lacks to 1, in 1/32768. The windows of a row are those that begin in it
// Pixels that one invocation of `squares` compares.
const STRETCH = 64;
// SSIM (Wang and others: "Image quality assessment", 2004): windows of 11 × 11, weighted by a Gaussian of deviation 1.5,
// with K 0.01 and 0.03, on luma of 8 bits. Windows lie inside the picture. The weights are in 1/4096: of the whole
// numbers near the Gaussian, those that give the SSIM nearest to that of the exact weights.
const WINDOW = 11;
const WEIGHTS = array<u32, 11>(4u, 32u, 146u, 449u, 873u, 1088u, 873u, 449u, 146u, 32u, 4u);
// (0.01 · 255)² in 1/2^14, and (0.03 · 255)² in 1/2^16.
const C1 = 106537u;
const C2 = 3835331u;
// Rows of windows that one invocation of `similarity` makes.
const BAND = 32;
const ONE = 32768u;

fn clear(at: vec2i) {
    words_store(3 * at.y + at.x, 0u);
}

fn code(picture: i32, x: i32, y: i32) -> u32 {
    return u32(planes_value(0, vec2i(x, picture * i32(params.rows) + y)));
}

fn squares(at: vec2i) {
    let end = min((at.x + 1) * STRETCH, planes_extent(0).x);
    var low = 0u;
    var high = 0u;
    for (var x = at.x * STRETCH; x < end; x++) {
        let a = code(0, x, at.y);
        let b = code(1, x, at.y);
        let gap = max(a, b) - min(a, b);
        let square = gap * gap;
        low += square & 0xffffu;
        high += square >> 16u;
    }
    words_add(3 * at.y, low);
    words_add(3 * at.y + 1, high);
}

// A code rounded to 8 bits.
fn eight(picture: i32, x: i32, y: i32) -> u32 {
    let shift = u32(params.depth) - 8u;
    return min((code(picture, x, y) + ((1u << shift) >> 1u)) >> shift, 255u);
}

// The upper 32 bits of a product of 64.
fn upper(a: u32, b: u32) -> u32 {
    let al = a & 0xffffu;
    let ah = a >> 16u;
    let bl = b & 0xffffu;
    let bh = b >> 16u;
    let middle = ah * bl + ((al * bl) >> 16u);
    let other = al * bh + (middle & 0xffffu);
    return ah * bh + (middle >> 16u) + (other >> 16u);
}

// part / whole in 1/32768, rounded. whole is less than 2^31, and part is taken to be at most whole.
fn ratio(part: u32, whole: u32) -> u32 {
    if (part >= whole) {
        return ONE;
    }
    var rest = part;
    var result = 0u;
    for (var bit = 0; bit < 15; bit++) {
        rest <<= 1u;
        result <<= 1u;
        if (rest >= whole) {
            rest -= whole;
            result |= 1u;
        }
    }
    return result + select(0u, 1u, 2u * rest >= whole);
}

fn similarity(at: vec2i) {
    let rows = i32(params.rows);
    let top = BAND * at.y;
    if (at.x + WINDOW > planes_extent(0).x || top + WINDOW > rows) {
        return;
    }
    var weights = WEIGHTS;
    // Sums along the last 11 rows, of a, b, a², b² and ab.
    var sums: array<u32, 55>;
    let end = min(top + BAND + WINDOW - 1, rows);
    for (var y = top; y < end; y++) {
        var mean = vec2u(0u);
        var square = vec3u(0u);
        for (var k = 0; k < WINDOW; k++) {
            let a = eight(0, at.x + k, y);
            let b = eight(1, at.x + k, y);
            mean += weights[k] * vec2u(a, b);
            square += weights[k] * vec3u(a * a, b * b, a * b);
        }
        let slot = 5 * ((y - top) % WINDOW);
        sums[slot] = mean.x;
        sums[slot + 1] = mean.y;
        sums[slot + 2] = square.x;
        sums[slot + 3] = square.y;
        sums[slot + 4] = square.z;
        let first = y - top - (WINDOW - 1);
        if (first >= 0) {
            // Means in 1/2^24. Squares as 2^12 · high + low, in 1/2^24: together they need 40 bits.
            mean = vec2u(0u);
            var high = vec3u(0u);
            var low = vec3u(0u);
            for (var k = 0; k < WINDOW; k++) {
                let row = 5 * ((first + k) % WINDOW);
                let squares = vec3u(sums[row + 2], sums[row + 3], sums[row + 4]);
                mean += weights[k] * vec2u(sums[row], sums[row + 1]);
                high += weights[k] * (squares >> vec3u(12u));
                low += weights[k] * (squares & vec3u(0xfffu));
            }
            let lacks = lacking(mean, (high << vec3u(4u)) + (low >> vec3u(8u)));
            words_add(3 * (top + first) + 2, lacks);
        }
    }
}

// What the SSIM of a window lacks to 1, from the means of a and b in 1/2^24, and those of a², b² and ab in 1/2^16.
fn lacking(mean: vec2u, square: vec3u) -> u32 {
    let aa = upper(mean.x, mean.x);
    let bb = upper(mean.y, mean.y);
    let ab = upper(mean.x, mean.y);
    let variance = max(bitcast<i32>(square.x - aa), 0) + max(bitcast<i32>(square.y - bb), 0);
    let joint = 2 * bitcast<i32>(square.z - ab) + i32(C2);
    let luminance = ratio(2u * (ab >> 2u) + C1, (aa >> 2u) + (bb >> 2u) + C1);
    let structure = ratio(u32(abs(joint)), u32(variance) + C2);
    let both = (luminance * structure + (ONE >> 1u)) >> 15u;
    return select(ONE - both, ONE + both, joint < 0);
}
