import package::common::hash::pcg3d;
import super::grid::seed_of;

// The seeds that tiles grow from, carried along the motion of the picture: a grid of cells of half a tile with at most one seed
// each: its place in 16ths of a pixel, its number for what is left to chance, and its age in frames, 0 where the cell has none.
// Behind them lie the same words of the seeds that came into a cell, and which seed that is.
const WORDS = 4;
// The most that an age counts, and the bits of an index in a claim.
const OLDEST = 1000u;
const INDEX_BITS = 20u;

fn size() -> vec2i {
    return vec2i(i32(params.columns), i32(params.rows));
}

fn index_of(cell: vec2i) -> i32 {
    return cell.y * size().x + cell.x;
}

// The first of the words of a seed that came into the cell, and of the claim on a cell.
fn kept_of(cell: vec2i) -> i32 {
    return WORDS * (size().x * size().y + index_of(cell));
}

fn claim_of(cell: vec2i) -> i32 {
    return 2 * WORDS * size().x * size().y + index_of(cell);
}

fn clear(at: vec2i) {
    words_store((2 * WORDS + 1) * size().x * at.y + at.x, 0u);
}

// Where the seed of a cell is now: the place whose vector leads to where it was. Vectors have a pixel for 4 by 4 of the picture.
fn moved(index: i32) -> vec2i {
    let place = vec2i(i32(last_word(WORDS * index)), i32(last_word(WORDS * index + 1)));
    var now = place;
    for (var i = 0; i < 3; i++) {
        let v = vectors_at(now >> vec2u(6u)).rg;
        now = place - vec2i(floor(16.0 * v + 0.5));
    }
    return now;
}

// Of the seeds that come into a cell, the oldest stays.
fn claim(at: vec2i) {
    let index = index_of(at);
    let age = last_word(WORDS * index + 3);
    if (package::engine::facts.history_valid == 0u || age == 0u) {
        return;
    }
    let place = moved(index);
    let cell = place / (16 * i32(params.cell));
    if (all(place >= vec2i(0)) && all(cell < size())) {
        words_max(claim_of(cell), (age << INDEX_BITS) | u32(index));
    }
}

fn keep(at: vec2i) {
    let claimed = words_load(claim_of(at));
    if (claimed == 0u) {
        return;
    }
    let index = i32(claimed & ((1u << INDEX_BITS) - 1u));
    let place = moved(index);
    let to = kept_of(at);
    words_store(to, u32(place.x));
    words_store(to + 1, u32(place.y));
    words_store(to + 2, last_word(WORDS * index + 2));
    words_store(to + 3, min(last_word(WORDS * index + 3) + 1u, OLDEST));
}

// How the seed of a cell ranks: the older one is kept.
fn rank(cell: vec2i, age: u32) -> u32 {
    return (age << INDEX_BITS) | u32(index_of(cell));
}

// The square of the distance from `place` in the cell `at` to the nearest seed that ranks before `own`, in 16ths of a pixel.
fn nearest(at: vec2i, place: vec2i, own: u32) -> i32 {
    var least = 2147483647;
    for (var y = -2; y <= 2; y++) {
        for (var x = -2; x <= 2; x++) {
            let cell = at + vec2i(x, y);
            if (any(cell < vec2i(0)) || any(cell >= size())) {
                continue;
            }
            let other = kept_of(cell);
            let age = words_load(other + 3);
            if (age > 0u && rank(cell, age) > own) {
                let d = vec2i(i32(words_load(other)), i32(words_load(other + 1))) - place;
                least = min(least, d.x * d.x + d.y * d.y);
            }
        }
    }
    return least;
}

fn lay(cell: vec2i, place: vec2i, number: u32, age: u32) {
    let to = WORDS * index_of(cell);
    words_store(to, u32(place.x));
    words_store(to + 1, u32(place.y));
    words_store(to + 2, number);
    words_store(to + 3, age);
}

// A seed that came too near to an older one is taken away, and where there is none far around, a new one is laid.
fn settle(at: vec2i) {
    let side = 16 * i32(params.side);
    let kept = kept_of(at);
    let age = words_load(kept + 3);
    if (age > 0u) {
        let place = vec2i(i32(words_load(kept)), i32(words_load(kept + 1)));
        // 0.45 of a side.
        if (nearest(at, place, rank(at, age)) > side * side / 5) {
            lay(at, place, words_load(kept + 2), age);
        }
        return;
    }
    let cell = i32(params.cell);
    let jitter = i32(round(256.0 * params.jitter));
    let first = at * cell / i32(params.side);
    let last = (at * cell + cell - 1) / i32(params.side);
    for (var y = first.y; y <= last.y; y++) {
        for (var x = first.x; x <= last.x; x++) {
            let seed = seed_of(vec2i(x, y), i32(params.side), jitter);
            let place = 16 * seed + 8;
            // 0.8 of a side.
            if (all(seed / cell == at) && nearest(at, place, 0u) >= side * side / 25 * 16) {
                let number = pcg3d(vec3u(vec2u(vec2i(x, y)), 3u + 16u * package::engine::facts.age)).x;
                lay(at, place, number, 1u);
            }
        }
    }
}
