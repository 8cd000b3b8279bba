import super::palette::{PALETTE, sample_place, code_of, opponent, distance};

// A palette to start from: the last frame's, and for colours that stand for nothing (all of them, when a scene begins)
// those of a coarse histogram that are both frequent and far from the others. The last quarter of the colours goes to small
// areas first, where one is unlike all that was chosen: a red roof in a green landscape. Behind the palette lie the bins: 8
// levels of red, green and blue each; the sums of red, green, blue, and the count.
const LEVELS = 8;
const BINS = 512;

// The most samples of a bin that count.
const MOST = 256u;
// A colour that is so far from all others is no shade of one of them.
const FAR = 25600;
// The least samples that such a colour has, with those of the bins around it: 0.15 % of the picture; and the least of the bin.
const LEAST = 30u;
const LEAST_OF_BIN = 8u;

fn clear(at: vec2i) {
    words_store(at.x, 0u);
}

fn count(at: vec2i) {
    let rgb = code_of(picture_at(sample_place(at, picture_extent())).rgb);
    let level = rgb * LEVELS / 256;
    let bin = PALETTE + 4 * ((level.r * LEVELS + level.g) * LEVELS + level.b);
    words_add(bin, u32(rgb.r));
    words_add(bin + 1, u32(rgb.g));
    words_add(bin + 2, u32(rgb.b));
    words_add(bin + 3, 1u);
}

fn mean(bin: i32) -> vec3i {
    let at = PALETTE + 4 * bin;
    let n = max(words_load(at + 3), 1u);
    return vec3i(vec3u(words_load(at), words_load(at + 1), words_load(at + 2)) / n);
}

// Of the colour that is chosen: the highest score of a bin, and the first bin that has it.
var<workgroup> most: atomic<u32>;
var<workgroup> first: atomic<u32>;

// The number of colours, for all invocations: WGSL allows a barrier in a loop only if all surely run it equally often, which
// it does not know of a parameter.
var<workgroup> wanted: i32;

// The samples of a bin and of the 26 around it.
fn around(bin: i32) -> u32 {
    let level = vec3i(bin / (LEVELS * LEVELS), bin / LEVELS % LEVELS, bin % LEVELS);
    let first = max(level - vec3i(1), vec3i(0));
    let last = min(level + vec3i(1), vec3i(LEVELS - 1));
    var sum = 0u;
    for (var r = first.x; r <= last.x; r++) {
        for (var g = first.y; g <= last.y; g++) {
            for (var b = first.z; b <= last.z; b++) {
                sum += words_load(PALETTE + 4 * ((r * LEVELS + g) * LEVELS + b) + 3);
            }
        }
    }
    return sum;
}

// How much a bin is wanted: frequent, and far from the nearest of the colours chosen so far. A small area of a far colour counts as
// a large one, where its bin has one, and colours are left for such areas.
fn score(many: u32, small: bool, nearest: i32) -> u32 {
    return select(many, MOST, small && nearest >= FAR) * u32(nearest >> 5u);
}

fn has_small_area(bin: i32, many: u32) -> bool {
    return many >= LEAST_OF_BIN && around(bin) >= LEAST;
}

// By one workgroup, each invocation for two bins: its own, and the one half of them further on.
fn choose(at: vec2i) {
    if (at.x == 0) {
        wanted = i32(params.colors);
    }
    let colors = workgroupUniformLoad(&wanted);
    let kept = package::engine::facts.history_valid != 0u;
    var dead = 0;
    for (var slot = 0; slot < colors; slot++) {
        dead += select(1, 0, kept && last_word(4 * slot + 3) > 0u);
    }
    // First those that stay. Where all do, nothing is chosen.
    if (at.x < colors && kept && last_word(4 * at.x + 3) > 0u) {
        store(at.x, vec3u(last_word(4 * at.x), last_word(4 * at.x + 1), last_word(4 * at.x + 2)));
    }
    if (dead == 0) {
        return;
    }
    let low = opponent(mean(at.x));
    let high = opponent(mean(at.x + BINS / 2));
    let many_low = min(words_load(PALETTE + 4 * at.x + 3), MOST);
    let many_high = min(words_load(PALETTE + 4 * (at.x + BINS / 2) + 3), MOST);
    let small_low = has_small_area(at.x, many_low);
    let small_high = has_small_area(at.x + BINS / 2, many_high);
    var chosen = colors - dead;
    // How near the nearest colour chosen so far is to each bin.
    var near_low = 1 << 20u;
    var near_high = 1 << 20u;
    for (var slot = 0; slot < colors; slot++) {
        if (kept && last_word(4 * slot + 3) > 0u) {
            let rgb = vec3u(last_word(4 * slot), last_word(4 * slot + 1), last_word(4 * slot + 2));
            let color = opponent(vec3i(rgb / 256u));
            near_low = min(near_low, distance(low, color));
            near_high = min(near_high, distance(high, color));
        }
    }
    for (var slot = 0; slot < colors; slot++) {
        if (kept && last_word(4 * slot + 3) > 0u) {
            continue;
        }
        if (at.x == 0) {
            atomicStore(&most, 0u);
            atomicStore(&first, u32(BINS));
        }
        workgroupBarrier();
        let late = chosen >= colors - colors / 4;
        let wanted_low = score(many_low, small_low && late, near_low);
        let wanted_high = score(many_high, small_high && late, near_high);
        chosen++;
        atomicMax(&most, max(wanted_low, wanted_high));
        workgroupBarrier();
        let highest = atomicLoad(&most);
        if (wanted_low == highest) {
            atomicMin(&first, u32(at.x));
        } else if (wanted_high == highest) {
            atomicMin(&first, u32(at.x + BINS / 2));
        }
        workgroupBarrier();
        let rgb = mean(i32(atomicLoad(&first)));
        // Before the next round begins, all have read it.
        workgroupBarrier();
        if (at.x == 0) {
            store(slot, 256u * vec3u(rgb));
        }
        near_low = min(near_low, distance(low, opponent(rgb)));
        near_high = min(near_high, distance(high, opponent(rgb)));
    }
}

fn store(slot: i32, rgb: vec3u) {
    words_store(4 * slot, rgb.r);
    words_store(4 * slot + 1, rgb.g);
    words_store(4 * slot + 2, rgb.b);
    words_store(4 * slot + 3, 1u);
}
