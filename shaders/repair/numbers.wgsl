// What is to be known of a frame, as whole numbers up to 65535. The columns are:
//   0       blocks without a picture, in thousandths of all
//   1       mean difference of cells from the mean of their block, in 1/256 of a code of 8 bits
//   2       mean luma, in the same
//   3 to 6  mean difference of cells from the frame 1 to 4 earlier, in the same, and 1; 0 where there is none
//   7       whether a scene is taken to begin with it

// Columns and rows of cells of a block.
const SIDE = 8;
// Mean differences, in sixteenths of a code, up to which a block is flat, and mean luma up to which that is a loss: a
// flash is flat, too.
const FLAT = 24;
const BRIGHT = 2640;

fn tone(k: i32, p: vec2i) -> i32 {
    return i32(round(cells_at(k, p).r * 4080.0));
}

// Of a block: whether it has no picture, how much its cells differ from its mean, and the sum of its luma. Without a picture
// it is flat, or cells beside each other differ as much as those of noise.
fn block(first: vec2i) -> vec3i {
    var sum = 0;
    for (var i = 0; i < SIDE * SIDE; i++) {
        sum += tone(0, first + vec2i(i % SIDE, i / SIDE));
    }
    let mean = sum / (SIDE * SIDE);
    var differs = 0;
    var rough = 0;
    for (var i = 0; i < SIDE * SIDE; i++) {
        let p = first + vec2i(i % SIDE, i / SIDE);
        let here = tone(0, p);
        differs += abs(here - mean);
        if (i % SIDE > 0) {
            rough += abs(here - tone(0, p - vec2i(1, 0)));
        }
    }
    let flat = differs <= FLAT * SIDE * SIDE && mean <= BRIGHT;
    // Of 64 cells 56 have one on their left: noise makes 1.4 of 7/8, and pictures less than 1.
    let noise = 8 * rough > 9 * differs;
    return vec3i(select(0, 1, flat || noise), differs, sum);
}

// How much the frame differs from the one `by` earlier.
fn apart(by: i32) -> i32 {
    let size = cells_extent();
    var sum = 0;
    for (var y = 0; y < size.y; y++) {
        for (var x = 0; x < size.x; x++) {
            sum += abs(tone(0, vec2i(x, y)) - tone(-by, vec2i(x, y)));
        }
    }
    return 16 * sum / (size.x * size.y);
}

fn number(at: vec2i) -> i32 {
    if (at.x > 6) {
        return i32(package::engine::facts.cut);
    }
    if (at.x > 2) {
        let by = at.x - 2;
        return select(0, 1 + apart(by), cells_valid(-by));
    }
    let blocks = max(cells_extent() / SIDE, vec2i(1));
    var sum = vec3i(0);
    for (var y = 0; y < blocks.y; y++) {
        for (var x = 0; x < blocks.x; x++) {
            sum += block(SIDE * vec2i(x, y));
        }
    }
    let count = blocks.x * blocks.y;
    if (at.x == 0) {
        return 1000 * sum.x / count;
    }
    // 64 cells, and 16 parts of 256 in each sixteenth of a code.
    return select(sum.y, sum.z, at.x == 2) / (4 * count);
}

fn pixel(at: vec2i) -> vec4f {
    return vec4f(f32(min(number(at), 65535)) * (1.0 / 65535.0));
}
