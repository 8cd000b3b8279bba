// A whole picture of one field. Its own rows stay; a row between them is made of three guesses: what the fields before and after
// hold there (right where nothing moves), a cubic between its own rows (right where something moves), and that with the fine
// vertical detail of the fields around (the three-field filter of Weston, BBC RD 1988; filters as FFmpeg's w3fdif and bwdif name
// them). How much each counts follows from how much moves near the pixel and how much fine detail is there: a fit on video.

// Half of the change that says as much as a plain surface does, as a share of white.
const FLOOR = 0.00125;
const DETAIL = 0.93;
const DETAIL_GAIN = 3.34;
const MOTION_OF_DETAIL = 1.7;
// So much more than the difference of both guesses is added at most.
const MOST = 1.2;
// How far a row may lie beyond the bounds of what its surroundings changed by, as a share of white.
const SLACK = 0.008;
// Keeps a quotient finite.
const TINY = 1e-9;

// The row itself, or beyond the picture the nearest one of the same field.
fn row_of(y: i32) -> i32 {
    let rows = image_extent().y;
    let field = y & 1;
    return clamp(y, min(field, rows - 1), max(rows - 1 - ((rows - 1 - field) & 1), 0));
}

fn value(k: i32, x: i32, y: i32) -> vec4f {
    return image_at(k, vec2i(x, row_of(y)));
}

// Change from field to field about a pixel: between the fields before and after, and from its own field to those of the same
// rows in the frames around.
fn motion(x: i32, y: i32, before: i32, after: i32) -> vec4f {
    let c = value(0, x, y - 1);
    let e = value(0, x, y + 1);
    // A scene of one frame has nothing to compare with: there a row of the other field that stands out of its neighbours moved.
    if (!image_valid(-1) && !image_valid(1)) {
        let other = value(0, x, y);
        return max(max(other - max(c, e), min(c, e) - other), vec4f(0.0));
    }
    let across = 0.5 * abs(value(before, x, y) - value(after, x, y));
    let since = 0.5 * (abs(value(-1, x, y - 1) - c) + abs(value(-1, x, y + 1) - e));
    let until = 0.5 * (abs(value(1, x, y - 1) - c) + abs(value(1, x, y + 1) - e));
    return max(across, max(since, until));
}

// Fine vertical detail of the fields before and after.
fn detail(x: i32, y: i32, before: i32, after: i32) -> vec4f {
    let here = value(before, x, y) + value(after, x, y);
    let near = value(before, x, y - 2) + value(after, x, y - 2) + value(before, x, y + 2) + value(after, x, y + 2);
    let far = value(before, x, y - 4) + value(after, x, y - 4) + value(before, x, y + 4) + value(after, x, y + 4);
    return (5570.0 * here - 3801.0 * near + 1016.0 * far) / 32768.0;
}

fn pixel(at: vec2i) -> vec4f {
    let own = image_here(0);
    var order = u32(params.order);
    if (order == 0u) {
        order = package::engine::facts.fields;
    }
    let second = package::engine::facts.phase >= 0.5;
    let bottom = second != (order == 2u);
    if (order == 0u || (at.y & 1) == select(0, 1, bottom)) {
        return own;
    }
    // The fields before and after, which hold this row.
    let before = select(-1, 0, second);
    let after = select(0, 1, second);
    let x = at.x;
    let y = at.y;
    var moves = vec4f(0.0);
    var bound = motion(x, y, before, after);
    for (var i = -2; i <= 2; i++) {
        moves += motion(x + i, y, before, after);
    }
    moves *= 0.2;
    let fine = detail(x, y, before, after);
    let rough = (abs(detail(x - 1, y, before, after)) + abs(fine) + abs(detail(x + 1, y, before, after))) / 3.0;
    let c = value(0, x, y - 1);
    let e = value(0, x, y + 1);
    let near = c + e;
    let far = value(0, x, y - 3) + value(0, x, y + 3);
    let still = 0.5 * (value(before, x, y) + value(after, x, y));
    let cubic = (5077.0 * near - 981.0 * far) / 8192.0;
    let detailed = fine + (4309.0 * near - 213.0 * far) / 8192.0;
    let share = min(DETAIL_GAIN * rough / (rough + MOTION_OF_DETAIL * moves + TINY), vec4f(MOST));
    let moving = moves / (moves + DETAIL * rough + FLOOR);
    let made = still + moving * (cubic + share * (detailed - cubic) - still);
    // Within what changed about the pixel, and within how far the still guess stands out of its surroundings (yadif's test).
    let over = 0.5 * (value(before, x, y - 2) + value(after, x, y - 2)) - c;
    let under = 0.5 * (value(before, x, y + 2) + value(after, x, y + 2)) - e;
    let highest = max(max(still - e, still - c), min(over, under));
    let lowest = min(min(still - e, still - c), max(over, under));
    bound = max(bound, max(lowest, -highest)) + SLACK;
    return vec4f(clamp(made, still - bound, still + bound).rgb, own.a);
}
