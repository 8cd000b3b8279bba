// The profile of grain, from how far frames are from those around them, in squares of 32 by 32 pixels. Of the squares of a band of
// luma, those that changed least are taken: there the picture stands still, and only its grain changes. Squares of many tones do
// not count. Sums of squares and
// of products are in 128ths. Words:
//   0, 1       columns and rows of the picture
//   2          squares that were taken
//   4, 5       sums of squares of red and blue less luma
//   6 to 15    sums of products of luma with that 1 to 5 pixels to the right, 1 to 5 rows above
//   16 to 47   of eight bands: squares taken, sum of their mean luma, sum of luma's changes, sum of squares
//   48 to 431  squares of each band by their sums of squares, in half octaves
//   432 to 439 the largest sum that is taken, by band
//   from 440   of each square: sum of squares, or 0 where it does not count; sum of luma, sum of luma squared
const SIDE = 32;
const BANDS = 16;
const SIZES = 48;
const LIMITS = 432;
const SQUARES = 440;
// Luma of a square that counts deviates from its mean by 80 steps at most.
const SPREAD = 1024u * 6400u;

fn steps(v: f32) -> i32 {
    return clamp(i32(round(v * 1024.0)), -511, 511);
}

fn changed(p: vec2i) -> i32 {
    return steps(apart_at(p).r);
}

fn square(at: vec2i) -> i32 {
    return SQUARES + 3 * (at.y * i32(params.columns) + at.x);
}

// The mean luma of a square.
fn tone(square: i32) -> i32 {
    return i32(words_load(square + 1) / 1024u);
}

fn band(square: i32) -> i32 {
    return clamp(tone(square) / 128, 0, 7);
}

fn in_128ths(sum: i32) -> u32 {
    return bitcast<u32>((sum + 64) >> 7u);
}

fn clear(at: vec2i) {
    var first = 0u;
    if (at.x == 0) {
        first = u32(apart_extent().x);
    } else if (at.x == 1) {
        first = u32(apart_extent().y);
    }
    words_store(at.x, first);
}

// A column of a square.
fn gather(at: vec2i) {
    var power = 0u;
    var luma = 0u;
    var spread = 0u;
    for (var y = 0; y < SIDE; y++) {
        let texel = apart_at(vec2i(at.x, SIDE * at.y + y));
        let d = steps(texel.r);
        power += u32(d * d);
        let own = u32(clamp(i32(round(texel.a * 1024.0)), 0, 1023));
        luma += own;
        spread += own * own;
    }
    let to = square(vec2i(at.x / SIDE, at.y));
    words_add(to, power);
    words_add(to + 1, luma);
    words_add(to + 2, spread);
}

fn sort(at: vec2i) {
    let its = square(at);
    let power = words_load(its);
    let mean = words_load(its + 1) / 32u;
    if (words_load(its + 2) - min(mean * mean, words_load(its + 2)) > SPREAD) {
        words_store(its, 0u);
        return;
    }
    if (power == 0u) {
        return;
    }
    let octave = firstLeadingBit(power);
    let half = select(0u, (power >> (max(octave, 1u) - 1u)) & 1u, octave > 0u);
    words_add(SIZES + 48 * band(its) + i32(min(2u * octave + half, 47u)), 1u);
}

// A quarter of the squares is smaller than the end of a half octave; half as much again is the limit.
fn limit(at: vec2i) {
    var all = 0u;
    for (var i = 0; i < 48; i++) {
        all += words_load(SIZES + 48 * at.x + i);
    }
    var below = 0u;
    var found = 0u;
    for (var i = 0; i < 48; i++) {
        below += words_load(SIZES + 48 * at.x + i);
        if (found == 0u && 4u * below >= all && below > 0u) {
            found = 3u * ((3u + (u32(i) & 1u)) << (u32(i) / 2u)) / 4u;
        }
    }
    words_store(LIMITS + at.x, found);
}

// A column of a square that is taken.
fn sum(at: vec2i) {
    let its = square(vec2i(at.x / SIDE, at.y));
    let power = words_load(its);
    let to = band(its);
    if (power == 0u || power > words_load(LIMITS + to)) {
        return;
    }
    let column = at.x % SIDE;
    var colours = vec2i(0);
    var total = 0;
    var squares = 0;
    var right = array<i32, 5>();
    var above = array<i32, 5>();
    var rows = array<i32, 5>();
    for (var y = 0; y < SIDE; y++) {
        let p = vec2i(at.x, SIDE * at.y + y);
        let here = apart_at(p);
        let d = steps(here.r);
        let c = vec2i(steps(here.g), steps(here.b));
        colours += c * c;
        total += d;
        squares += d * d;
        for (var k = 4; k >= 0; k--) {
            if (column + k + 1 < SIDE) {
                right[k] += d * changed(p + vec2i(k + 1, 0));
            }
            above[k] += d * rows[k];
            if (k > 0) {
                rows[k] = rows[k - 1];
            }
        }
        rows[0] = d;
    }
    words_add(4, in_128ths(colours.x));
    words_add(5, in_128ths(colours.y));
    for (var k = 0; k < 5; k++) {
        words_add(6 + k, in_128ths(right[k]));
        words_add(11 + k, in_128ths(above[k]));
    }
    let first = BANDS + 4 * to;
    words_add(first + 2, bitcast<u32>(total));
    words_add(first + 3, in_128ths(squares));
    if (column == 0) {
        words_add(2, 1u);
        words_add(first, 1u);
        words_add(first + 1, u32(tone(its)));
    }
}
