// A value from 0 to 1 as a whole number up to 255.
fn byte(value: f32) -> i32 {
    return i32(round(clamp(value, 0.0, 1.0) * 255.0));
}

// The number of a character as it is kept in an image: 4095 is 1.
fn number(kept: f32) -> i32 {
    return i32(round(kept * 4095.0));
}

// The character of a cell: the one whose ink in each ninth of its cell is nearest to what is wanted there. All of it in whole
// numbers, so that every device chooses the same.
fn pixel(at: vec2i) -> vec4f {
    let columns = i32(params.atlas_columns);
    let kr = i32(params.kr);
    let kb = i32(params.kb);
    var tones: array<i32, 9>;
    var lines: array<i32, 9>;
    var sum = 0;
    var drawn = 0;
    for (var i = 0; i < 9; i++) {
        let m = measured_at(3 * at + vec2i(i % 3, i / 3));
        let luma = (kr * byte(m.r) + (1024 - kr - kb) * byte(m.g) + kb * byte(m.b)) / 1024;
        // Mid tones are lifted a little: a cell is never all ink.
        let lifted = luma + luma * (255 - luma) / 768;
        let spread = clamp(128 + (lifted - 128) * i32(params.contrast) / 256, 0, 255);
        tones[i] = select(spread, 255 - spread, params.negative != 0.0);
        // What a line touches is left out; no more is asked for than a stroke of a character covers.
        lines[i] = clamp(byte(m.a) * i32(params.edges) / 256 - 60, 0, 150);
        sum += tones[i];
        drawn += lines[i];
    }
    // Lines are drawn on quieter ground. A tone of 255 is as dense as the densest character; differences within the cell are
    // doubled, so that shapes show.
    let mean = sum / 9;
    let ground = (255 - min(2 * drawn / 3, 230)) * densest_ink();
    var wanted: array<i32, 9>;
    var total = 0;
    for (var i = 0; i < 9; i++) {
        wanted[i] = clamp(2 * tones[i] - mean, 0, 510) * ground / 585225 + lines[i];
        total += wanted[i];
    }
    let before = number(last_at(at).r);
    var best = 0;
    var least = 1 << 30u;
    var held = -1;
    for (var k = 0; k < i32(params.count); k++) {
        let first = 3 * vec2i(k % columns, k / columns);
        var apart = 0;
        var ink = 0;
        for (var i = 0; i < 9; i++) {
            let part = byte(shapes_at(first + vec2i(i % 3, i / 3)).r);
            ink += part;
            apart += (part - wanted[i]) * (part - wanted[i]);
        }
        // How dense it is counts beside its shape.
        apart += (ink - total) * (ink - total) / 3;
        if (apart < least) {
            least = apart;
            best = k;
        }
        if (k == before) {
            held = apart;
        }
    }
    // The character of the frame before stays until another one fits clearly better.
    let hold = i32(params.hold);
    let stays = package::engine::facts.history_valid != 0u && held >= 0 && held - least <= least / 256 * hold + 24 * hold;
    return vec4f(f32(select(best, before, stays)) / 4095.0);
}

// The ink of the densest character, as the sum of its ninths.
fn densest_ink() -> i32 {
    return i32(round(densest_at(vec2i(0)).r * 2295.0));
}
