// Numbers of the luma of a frame, as coded: all whole numbers, so that every device counts the same. The words are:
//   0 to 255    histogram: pixels by the upper 8 bits of their code
//   256, 257    the least and the largest code
//   258 to 593  for each of 24 × 14 blocks, what a Laplacian leaves of it; NONE for a block that does not count
//   594 and on  the sum of the codes of each row
const LEAST = 256;
const MOST = 257;
const BLOCKS = 258;
const ROWS = 594;
const NONE = 0xffffffffu;
// Pixels that one invocation counts.
const STRETCH = 64;
// Side of a block, and how many there are each way at most.
const SIDE = 16;
const ACROSS = 24;
const DOWN = 14;

// Luma as coded; of RGB a quarter, a half and a quarter.
fn luma(p: vec2i) -> u32 {
    let first = u32(planes_value(0, p));
    if (params.rgb > 0.0) {
        return (first + 2u * u32(planes_value(1, p)) + u32(planes_value(2, p))) / 4u;
    }
    return first;
}

fn clear(at: vec2i) {
    let none = at.x == LEAST || (at.x >= BLOCKS && at.x < ROWS);
    words_store(at.x, select(0u, NONE, none));
}

fn count(at: vec2i) {
    let shift = u32(params.depth) - 8u;
    let end = min((at.x + 1) * STRETCH, planes_extent(0).x);
    var least = NONE;
    var most = 0u;
    var sum = 0u;
    for (var x = at.x * STRETCH; x < end; x++) {
        let code = luma(vec2i(x, at.y));
        words_add(i32(code >> shift), 1u);
        least = min(least, code);
        most = max(most, code);
        sum += code;
    }
    words_min(LEAST, least);
    words_max(MOST, most);
    words_add(ROWS + at.y, sum);
}

// Noise of one block (Immerkær: "Fast noise variance estimation", 1996): the sum of the absolute values of the block
// filtered by [1 -2 1] both ways. Clipped blacks and whites have lost their noise: such blocks do not count.
fn residues(at: vec2i) {
    let room = planes_extent(0) - SIDE;
    let blocks = min(planes_extent(0) / SIDE, vec2i(ACROSS, DOWN));
    if (any(at >= blocks)) {
        return;
    }
    let first = min(at * room / max(blocks - 1, vec2i(1)), room);
    var block: array<i32, 256>;
    var sum = 0u;
    for (var i = 0; i < SIDE * SIDE; i++) {
        let code = luma(first + vec2i(i % SIDE, i / SIDE));
        block[i] = i32(code);
        sum += code;
    }
    let largest = (1u << u32(params.depth)) - 1u;
    let mean = sum / 256u;
    if (mean < largest / 12u || mean >= largest - largest / 12u) {
        return;
    }
    var residue = 0u;
    for (var y = 1; y < SIDE - 1; y++) {
        for (var x = 1; x < SIDE - 1; x++) {
            var lines: vec3i;
            for (var k = 0; k < 3; k++) {
                let i = (y + k - 1) * SIDE + x;
                lines[k] = block[i - 1] - 2 * block[i] + block[i + 1];
            }
            residue += u32(abs(lines.x - 2 * lines.y + lines.z));
        }
    }
    words_store(BLOCKS + at.y * ACROSS + at.x, residue);
}
