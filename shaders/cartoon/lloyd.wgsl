import super::palette::{PALETTE, sample_place, code_of, opponent, distance};

// One round of k-means (Lloyd, 1982): every sample goes to its nearest colour, every colour becomes the mean of its
// samples. Behind the palette lie the sums of red, green and blue, and the count, of each colour: at most 20 736 samples
// of 255 each.
fn clear(at: vec2i) {
    words_store(at.x, 0u);
}

// The sums of a workgroup: one addition to the words of all for each of them.
var<workgroup> sums: array<atomic<u32>, 64>;

fn gather(at: vec2i) {
    let own = package::engine::local.x;
    if (own < PALETTE) {
        atomicStore(&sums[own], 0u);
    }
    workgroupBarrier();
    let rgb = code_of(picture_at(sample_place(at, picture_extent())).rgb);
    let here = opponent(rgb);
    var best = 0;
    var least = 1 << 24u;
    for (var k = 0; k < i32(params.colors); k++) {
        let color = vec3i(vec3u(palette_word(4 * k), palette_word(4 * k + 1), palette_word(4 * k + 2)) + 128u) >> vec3u(8u);
        let far = distance(here, opponent(color));
        if (far < least) {
            least = far;
            best = k;
        }
    }
    atomicAdd(&sums[4 * best], u32(rgb.r));
    atomicAdd(&sums[4 * best + 1], u32(rgb.g));
    atomicAdd(&sums[4 * best + 2], u32(rgb.b));
    atomicAdd(&sums[4 * best + 3], 1u);
    workgroupBarrier();
    if (own < 4 * i32(params.colors)) {
        words_add(PALETTE + own, atomicLoad(&sums[own]));
    }
}

fn settle(at: vec2i) {
    if (at.x >= i32(params.colors)) {
        return;
    }
    let k = 4 * at.x;
    let count = words_load(PALETTE + k + 3);
    for (var c = 0; c < 3; c++) {
        let mean = (words_load(PALETTE + k + c) * 256u + count / 2u) / max(count, 1u);
        words_store(k + c, select(palette_word(k + c), mean, count > 0u));
    }
    words_store(k + 3, count);
}
