// A colour's number, or the most frequent one of the square around where its own is rare there: a speck. Of equally frequent
// ones the smaller number.
fn pixel(at: vec2i) -> vec4f {
    let reach = i32(params.reach);
    let own = i32(round(regions_here().r));
    // Counts of 16 colours, two in a word: at most 169 pixels.
    var counts: array<u32, 8>;
    for (var y = -reach; y <= reach; y++) {
        for (var x = -reach; x <= reach; x++) {
            let k = u32(round(regions_at(at + vec2i(x, y)).r));
            counts[(k / 2u) % 8u] += 1u << (16u * (k % 2u));
        }
    }
    let side = 2 * reach + 1;
    let mine = i32((counts[own / 2] >> (16u * u32(own % 2))) & 0xffffu);
    if (4 * mine > side * side) {
        return vec4f(f32(own));
    }
    var best = own;
    var most = 0;
    for (var k = 0; k < 16; k++) {
        let count = i32((counts[k / 2] >> (16u * u32(k % 2))) & 0xffffu);
        if (count > most) {
            most = count;
            best = k;
        }
    }
    return vec4f(f32(best));
}
