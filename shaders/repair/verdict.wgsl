// Whether a frame is to be rebuilt, red: 1 it is frozen, 2 black, 3 damaged, and 0 where it stays. Green and blue are how many
// frames before and after it the good ones are. Each row of the numbers is judged for itself; there is one.

// Frames to each side that are looked at.
const REACH = 7;
// A code of 8 bits.
const CODE = 256;
// A frame repeats the one before where it differs by no more than this, and by a fifth of what moves around it.
const STILL = 64;
const PART = 5;
// What moves less is no loss.
const MOVES = 128;
// Thousandths of a frame's blocks, and luma, by which it is black.
const EMPTY = 950;
const DARK = 20 * CODE;

fn number(k: i32, i: i32, y: i32) -> i32 {
    return i32(round(numbers_at(k, vec2i(i, y)).r * 65535.0));
}

// Bits of the frames around that begin another scene.
var<private> begins: u32;

// The bit of frame `k` in marks of the frames around.
fn bit(k: i32) -> u32 {
    return 1u << u32(k + REACH);
}

// How much frame `k` differs from the one `by` earlier, whatever scenes they are of; -1 where there is none.
fn apart(k: i32, by: i32, y: i32) -> i32 {
    return select(-1, number(k, 2 + by, y) - 1, numbers_valid(k));
}

// Whether the scene before frame `p` goes on with frame `q`, up to three later.
fn returns(p: i32, q: i32, y: i32) -> bool {
    let far = apart(q, q - p + 1, y);
    return far >= 0 && 3 * far <= apart(p, 1, y);
}

// Finds where other scenes begin: not where one goes on after up to three other frames, as after black ones.
fn find_scenes(y: i32) {
    begins = 0u;
    for (var p = -REACH; p <= REACH; p++) {
        var is_cut = numbers_valid(p) && number(p, 7, y) > 0;
        for (var i = 1; i <= 3 && is_cut; i++) {
            let goes = p + i <= REACH && returns(p, p + i, y);
            let comes = p - i >= -REACH && number(p - i, 7, y) > 0 && returns(p - i, p, y);
            is_cut = !goes && !comes;
        }
        begins |= select(0u, bit(p), is_cut);
    }
}

// Whether the frames after `first` up to `last` are of its scene.
fn one_scene(first: i32, last: i32) -> bool {
    for (var k = max(first + 1, -REACH); k <= last; k++) {
        if ((begins & bit(k)) != 0u) {
            return false;
        }
    }
    return true;
}

// Whether there is a frame `k` of the same scene.
fn valid(k: i32) -> bool {
    return numbers_valid(k) && one_scene(min(k, 0), max(k, 0));
}

// How much frame `k` differs from the one `by` earlier; -1 where there is none of the same scene.
fn change(k: i32, by: i32, y: i32) -> i32 {
    return select(-1, apart(k, by, y), valid(k) && one_scene(k - by, k));
}

// Whether frame `k` repeats the one before.
fn still(k: i32, y: i32) -> bool {
    let by = change(k, 1, y);
    return by >= 0 && by <= STILL;
}

// Whether the picture goes on from -a to b as it does around: what differs by more is a cut.
fn goes_on(a: i32, b: i32, y: i32) -> bool {
    let lag = a + b;
    let around = max(change(-a, lag, y), change(b + lag, lag, y));
    return around >= 0 && 2 * change(b, lag, y) <= 3 * around + 2 * CODE;
}

// Of how many sides it is known that the marks come at an even distance, by a rhythm that all marks around keep. The shortest
// distance is `first`.
fn rhythm(marks: u32, known: u32, first: i32) -> i32 {
    var sides = 0;
    for (var p = first; p <= REACH; p++) {
        let by = u32(p);
        if (((marks ^ (marks >> by)) & known & (known >> by)) == 0u) {
            sides = max(sides, select(0, 1, (known & bit(-p)) != 0u) + select(0, 1, (known & bit(p)) != 0u));
        }
    }
    return sides;
}

// A repeat is a loss where the picture moves in every frame around, and goes further over the repeat than in one step: where
// frames are repeated for another rate, it goes one step.
fn frozen(y: i32) -> vec3i {
    let none = vec3i(0);
    var a = 0;
    for (; a < 4 && still(-a, y); a++) {}
    var b = 1;
    for (; b < 4 && still(b, y); b++) {}
    let lag = a + b;
    if (a == 0 || lag > i32(params.longest) + 1 || !valid(b)) {
        return none;
    }
    // The steps around: two before and two after.
    let steps = array(change(-a, 1, y), change(-a - 1, 1, y), change(b + 1, 1, y), change(b + 2, 1, y));
    var most = 0;
    for (var i = 0; i < 4; i++) {
        most = max(most, steps[i]);
    }
    for (var i = 0; i < 4; i++) {
        if (steps[i] >= 0 && 4 * steps[i] < most) {
            return none;
        }
    }
    var marks = 0u;
    var known = 0u;
    for (var k = -REACH; k <= REACH; k++) {
        let by = change(k, 1, y);
        marks |= select(0u, bit(k), by >= 0 && PART * by <= most);
        known |= select(0u, bit(k), by >= 0);
    }
    for (var k = 1 - a; k < b; k++) {
        if ((marks & bit(k)) == 0u) {
            return none;
        }
    }
    // Where a rhythm can be seen on one side alone, the picture must go all the way.
    var share = i32(round(params.rhythm));
    if (share > 0) {
        for (var p = lag; p <= REACH; p++) {
            if ((marks & bit(-p)) != 0u && (marks & bit(p)) != 0u) {
                return none;
            }
        }
        share = max(share, 1000 * rhythm(marks, known, lag));
    }
    if (most < MOVES || !goes_on(a, b, y)) {
        return none;
    }
    var one = 0;
    var far = 0;
    var count = 0;
    if (change(-a, lag, y) >= 0) {
        one += change(-a, 1, y);
        far += change(-a, lag, y);
        count += 1;
    }
    if (change(b + lag, lag, y) >= 0) {
        one += change(b + 1, 1, y);
        far += change(b + lag, lag, y);
        count += 1;
    }
    let least = 1000 * one + share * (far - one);
    return select(vec3i(1, a, b), none, 1000 * count * change(b, lag, y) < least);
}

// Whether frame `k` has its picture where this frame has lost it.
fn has(k: i32, y: i32) -> bool {
    return valid(k) && number(0, 0, y) - number(k, 0, y) >= i32(round(params.share));
}

// Whether frame `k`, where there is one, has its picture, with no more contrast than frame `good` nearer by: else the picture
// fades, or flickers by itself.
fn steady(k: i32, good: i32, y: i32) -> bool {
    return !valid(k) || (has(k, y) && 4 * number(k, 1, y) <= 5 * number(good, 1, y));
}

// A picture is lost where the frames on both sides have one, the nearest and those behind them.
fn lost(y: i32) -> vec3i {
    var a = 1;
    for (; a < 4 && !has(-a, y); a++) {}
    var b = 1;
    for (; b < 4 && !has(b, y); b++) {}
    if (a + b > i32(params.longest) + 1) {
        return vec3i(0);
    }
    if (!steady(-a - 1, -a, y) || !steady(b + 1, b, y) || !goes_on(a, b, y)) {
        return vec3i(0);
    }
    var marks = 0u;
    var known = 0u;
    for (var k = -REACH; k <= REACH; k++) {
        known |= select(0u, bit(k), valid(k));
        marks |= select(0u, bit(k), !has(k, y));
    }
    if (params.rhythm > 0.0 && rhythm(marks, known, a + b) == 2) {
        return vec3i(0);
    }
    let black = number(0, 0, y) >= EMPTY && number(0, 2, y) <= DARK;
    return vec3i(select(3, 2, black), a, b);
}

fn pixel(at: vec2i) -> vec4f {
    find_scenes(at.y);
    var found = vec3i(0);
    if (params.lost > 0.0) {
        found = lost(at.y);
    }
    if (found.x == 0 && params.frozen > 0.0) {
        found = frozen(at.y);
    }
    return vec4f(vec3f(found), 1.0);
}
