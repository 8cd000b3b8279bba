import super::grid::border;

// How high the steps are at borders of blocks (word 0), and three eighths of a block behind them (word 1), where neither blocks of
// 8 nor of 4 pixels begin. Of every second row, and every second column.

// Borders, and columns, that one invocation looks at.
const BORDERS = 16;
const COLUMNS = 64;
// The highest step that is counted, 12 codes of 8 bits: what is higher is an edge of the picture.
const MOST = 576;

fn tone(p: vec2i) -> i32 {
    let rgb = vec3i(round(clamp(image_at(p).rgb, vec3f(0.0), vec3f(1.0)) * 1020.0));
    return (rgb.r + 2 * rgb.g + rgb.b + 2) >> 2u;
}

// 48 times the step before pixel `p`, as far as it stands out from the slope and the texture on both sides, in codes of 8 bits.
fn step_at(p: vec2i, along: vec2i) -> u32 {
    let p3 = tone(p - 4 * along);
    let p2 = tone(p - 3 * along);
    let p1 = tone(p - 2 * along);
    let p0 = tone(p - along);
    let q0 = tone(p);
    let q1 = tone(p + along);
    let q2 = tone(p + 2 * along);
    let q3 = tone(p + 3 * along);
    let high = abs(4 * (q0 - p0) - (p0 - p2) - (q2 - q0));
    let texture = abs(p0 - p1) + abs(p1 - p2) + abs(p2 - p3) + abs(q0 - q1) + abs(q1 - q2) + abs(q2 - q3);
    return u32(clamp(3 * high - 2 * texture, 0, MOST)) >> 2u;
}

fn clear(at: vec2i) {
    words_store(at.x, 0u);
}

// Steps before pixels `place` of a line as long as `length`, and between borders.
fn both(at: vec2i, along: vec2i, place: i32, between: i32, length: i32) -> vec2u {
    if (place < 4 || between < 4 || place + 3 >= length || between + 3 >= length) {
        return vec2u(0u);
    }
    return vec2u(step_at(at + place * along, along), step_at(at + between * along, along));
}

fn across(at: vec2i) {
    let grid = i32(params.grid);
    let first = i32(params.first_x);
    let size = image_extent();
    if (2 * at.y >= size.y) {
        return;
    }
    var sum = vec2u(0u);
    for (var n = 0; n < BORDERS; n++) {
        let place = border(BORDERS * at.x + n, grid, first);
        let between = border(BORDERS * at.x + n, grid, first + 3 * grid / 8);
        sum += both(vec2i(0, 2 * at.y), vec2i(1, 0), place, between, size.x);
    }
    words_add(0, sum.x);
    words_add(1, sum.y);
}

fn down(at: vec2i) {
    let grid = i32(params.grid);
    let first = i32(params.first_y);
    let size = image_extent();
    let place = border(at.y, grid, first);
    let between = border(at.y, grid, first + 3 * grid / 8);
    var sum = vec2u(0u);
    for (var x = COLUMNS * at.x; x < min(COLUMNS * at.x + COLUMNS, size.x); x += 2) {
        sum += both(vec2i(x, 0), vec2i(0, 1), place, between, size.y);
    }
    words_add(0, sum.x);
    words_add(1, sum.y);
}
