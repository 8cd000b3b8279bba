// How far each line is displaced sideways. Each line is compared with the one above it (in an interlaced frame the one above in its
// field). The differences add up to a path down the picture: slanted edges bend it slowly, jitter makes it rough. What is left
// without the smooth part is jitter. A long jump close to the bottom is where heads were switched. Compare A. Kokaram, P. Rayner,
// P. van Roosmalen, J. Biemond, "Line registration of jittered video", ICASSP 1997, which models lines in a similar way. All in
// whole numbers.

// Pixels that a line is moved to be compared, at most: everywhere, and close to the bottom.
const NEAR = 12;
const FAR = 40;
const NEARS = 25;
const FARS = 81;
// Lines at the bottom that are compared so far.
const BOTTOM = 32;
// Added to what may be negative.
const ZERO = 32768;
// Weights of the smooth part: a mean of nine, twice. Their sum is 81.
const HALF = 9;
const SUM = 81;
// A line is displaced from so much on, times 81, in quarter pixels.
const LEAST = 97;
// A jump of heads, in quarter pixels.
const JUMP = 12;

fn step() -> i32 {
    return select(1, 2, package::engine::facts.fields != 0u);
}

fn height() -> i32 {
    return image_extent().y;
}

// Where the sums of differences of line `y` stand.
fn nears(y: i32) -> i32 {
    return 2 * height() + 8 + NEARS * y;
}

// The same of line `row` of the bottom.
fn fars(row: i32) -> i32 {
    return nears(height()) + FARS * row;
}

// Pixels that are compared, at a reach of so many.
fn count(reach: i32) -> i32 {
    return max(image_extent().x - 2 * reach, 0);
}

// The sum of differences of line `y`, moved by `by` pixels, from the line above.
fn difference(y: i32, by: i32, reach: i32) -> u32 {
    var sum = 0;
    if (y >= step() && y < height()) {
        let end = image_extent().x - reach;
        for (var x = reach; x < end; x++) {
            sum += abs(i32(image_at(vec2i(x + by, y)).r) - i32(image_at(vec2i(x, y - step())).r));
        }
    }
    return u32(sum);
}

fn near(at: vec2i) {
    words_store(nears(at.y) + at.x, difference(at.y, at.x - NEAR, NEAR));
}

fn far(at: vec2i) {
    words_store(fars(at.y) + at.x, difference(height() - BOTTOM + at.y, at.x - FAR, FAR));
}

// The number of the least of `many` sums from word `first` on; the middle one where none is less.
fn least(first: i32, many: i32) -> i32 {
    var best = many / 2;
    for (var k = 0; k < many; k++) {
        if (words_load(first + k) < words_load(first + best)) {
            best = k;
        }
    }
    return best;
}

// How much more alike, twice, the line of these sums becomes to the line above where it is moved by what suits best; 0 at the ends.
fn gained(first: i32, many: i32) -> i32 {
    let best = least(first, many);
    if (best == 0 || best == many - 1) {
        return 0;
    }
    let still = i32(words_load(first + many / 2));
    let here = i32(words_load(first + best));
    let left = i32(words_load(first + best - 1));
    let right = i32(words_load(first + best + 1));
    return 2 * (still - here) + abs(left - right);
}

// Whether line `y` differs by an eighth less from the line above where it is moved. In a picture whose edges are rough by
// themselves few lines do.
fn helps(y: i32) -> bool {
    let gain = gained(nears(y), NEARS);
    return gain > 0 && gain >= i32(words_load(nears(y) + NEARS / 2)) / 4;
}

// How far the line of these sums lies to the right of the line above, in quarter pixels; 0 where moving it makes it no more alike.
fn found(first: i32, many: i32) -> i32 {
    let gain = gained(first, many);
    if (gain == 0 || gain < 2 * count(many / 2) || gain < i32(words_load(first + many / 2)) / 8) {
        return 0;
    }
    let best = least(first, many);
    let here = i32(words_load(first + best));
    let left = i32(words_load(first + best - 1));
    let right = i32(words_load(first + best + 1));
    let lean = abs(left - right);
    let depth = max(left, right) - here;
    if (depth == 0) {
        return 0;
    }
    let part = (4 * lean + depth) / (2 * depth);
    return 4 * (best - many / 2) + select(part, -part, left < right);
}

fn fit(at: vec2i) {
    words_store(height() + at.x, u32(ZERO + found(nears(at.x), NEARS)));
    if (at.x < 8) {
        words_store(2 * height() + at.x, 0u);
    }
}

// Whether heads were switched between line `y` of the bottom and the line above.
fn torn(y: i32) -> bool {
    let first = fars(y - height() + BOTTOM);
    let best = least(first, FARS);
    let still = words_load(first + FARS / 2);
    return abs(found(first, FARS)) >= JUMP && still >= 16u * u32(count(FAR)) && words_load(first + best) < still / 5u * 3u;
}

// Adds up the differences, of one field or of all lines, to places that stand in the second part of the words.
fn path(at: vec2i) {
    let by = step();
    if (at.x >= by) {
        return;
    }
    let bottom = height() - i32(params.bottom);
    var place = 0;
    var tear = height() + 1;
    for (var y = at.x; y < height(); y += by) {
        let row = y - height() + BOTTOM;
        var far = false;
        if (row >= 0 && y >= by && count(FAR) > FAR) {
            if (tear > height() && y >= bottom && torn(y)) {
                tear = y;
            }
            far = tear < height();
        }
        if (far) {
            place += found(fars(row), FARS);
        } else {
            place += i32(words_load(height() + y)) - ZERO;
        }
        words_store(height() + y, bitcast<u32>(place));
    }
    words_store(2 * height() + at.x, u32(tear));
}

fn placed(y: i32) -> i32 {
    return bitcast<i32>(words_load(height() + y));
}

// The place of line `y` of the lines `first` to `last`, and beyond them as if they went on as they came.
fn extended(y: i32, first: i32, last: i32) -> i32 {
    if (y < first) {
        return 2 * placed(first) - placed(min(2 * first - y, last));
    }
    if (y > last) {
        return 2 * placed(last) - placed(max(2 * last - y, first));
    }
    return placed(y);
}

// 81 times the smooth part of the path at line `y`.
fn smoothed(y: i32, first: i32, last: i32) -> i32 {
    var sum = 0;
    for (var k = 1 - HALF; k < HALF; k++) {
        sum += (HALF - abs(k)) * extended(y + step() * k, first, last);
    }
    return sum;
}

// What is left of the path, in the first part of the words; word 2 * height + 2 counts the lines that are displaced.
fn rough(at: vec2i) {
    let y = at.x;
    let field = y % step();
    let tear = i32(words_load(2 * height() + field));
    var last = height() - 1 - (height() - 1 - field) % step();
    if (tear < height()) {
        last = tear - step();
    }
    let over = SUM * placed(y) - smoothed(min(y, last), field, last);
    let next = y + select(0, step(), y < last);
    if (y <= last && abs(over) >= LEAST && (helps(y) || helps(next))) {
        words_add(2 * height() + 2, 1u);
    }
    words_store(y, u32(ZERO * SUM + over));
}

fn settle(at: vec2i) {
    let y = at.x;
    let tear = i32(words_load(2 * height() + y % step()));
    let over = i32(words_load(y)) - ZERO * SUM;
    var limit = 64 * FAR;
    if (y < tear || tear > height()) {
        limit = select(0, i32(64.0 * params.limit), 3u * words_load(2 * height() + 2) >= u32(height()));
    }
    // Half of 81 is added so that numbers are rounded; they are made positive for the division.
    let by = (16 * over + SUM * ZERO + 40) / SUM - ZERO;
    words_store(y, u32(ZERO + clamp(by, -limit, limit)));
}
