import super::palette::{PALETTE, sample_place, code_of, opponent, distance};

// A palette to start from: the last frame's, and for colours that stand for nothing (all of them, when a scene begins)
// those of a coarse histogram that are both frequent and far from the others. Behind the palette lie the bins: 8 levels
// of red, green and blue each; the sums of red, green, blue, and the count.
const LEVELS = 8;
const BINS = 512;

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

fn choose(at: vec2i) {
    let colors = i32(params.colors);
    let kept = package::engine::facts.history_valid != 0u;
    // How near the nearest colour chosen so far is to each bin.
    var nearest: array<i32, 512>;
    for (var bin = 0; bin < BINS; bin++) {
        nearest[bin] = 1 << 20u;
    }
    for (var turn = 0; turn < 2 * colors; turn++) {
        let slot = turn % colors;
        let old = 4 * slot;
        let alive = kept && last_word(old + 3) > 0u;
        var rgb = vec3u(0u);
        // First those that stay, then the others.
        if (turn < colors) {
            if (!alive) {
                continue;
            }
            rgb = vec3u(last_word(old), last_word(old + 1), last_word(old + 2));
        } else {
            if (alive) {
                continue;
            }
            var best = 0;
            var most = 0u;
            for (var bin = 0; bin < BINS; bin++) {
                let many = min(words_load(PALETTE + 4 * bin + 3), 256u);
                let score = many * u32(nearest[bin] >> 5u);
                if (score > most) {
                    most = score;
                    best = bin;
                }
            }
            rgb = 256u * vec3u(mean(best));
        }
        words_store(old, rgb.r);
        words_store(old + 1, rgb.g);
        words_store(old + 2, rgb.b);
        words_store(old + 3, 1u);
        for (var bin = 0; bin < BINS; bin++) {
            nearest[bin] = min(nearest[bin], distance(opponent(mean(bin)), opponent(vec3i(rgb / 256u))));
        }
    }
}
