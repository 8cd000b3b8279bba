import super::luma::luma_code;

// 1 where a pixel is brighter, or darker, than the lines two above and two below, and than five lines around it in the frames
// before and after; in an interlaced frame these are lines of its field. Where something moves, it must be so of all that lies around.

// Least difference of the frames before and after that is motion: ten codes of 8 bits.
const MOVING = 40;
// Lines and pixels around that count where something moves, and pixels from one to the next.
const LINES = 9;
const PIXELS = 8;
const APART = 4;

fn step() -> i32 {
    return select(1, 2, package::engine::facts.fields != 0u);
}

fn value(k: i32, p: vec2i) -> i32 {
    return luma_code(image_at(k, p).rgb);
}

fn pixel(at: vec2i) -> vec4f {
    let up = vec2i(0, 2 * step());
    // At the top and the bottom the line two below or above is all there is.
    let above = value(0, select(at - up, at + up, at.y < up.y));
    let below = value(0, select(at + up, at - up, at.y + up.y >= package::engine::extent.y));
    let own = value(0, at);
    let least = i32(params.least);
    let over = own - max(above, below);
    let under = min(above, below) - own;
    if (max(over, under) < least || package::engine::extent.y <= up.y) {
        return vec4f(0.0);
    }
    var range = vec2i(1020, 0);
    // The first and the last frame of a scene have one neighbour, which tells less.
    var change = select(MOVING, 0, image_valid(-1) && image_valid(1));
    for (var j = -2; j <= 2; j++) {
        let p = at + vec2i(0, j * step());
        range = widened(range, p);
        if (image_valid(-1) && image_valid(1)) {
            change = max(change, abs(value(-1, p) - value(1, p)));
        }
    }
    var beyond = 2 * outside(own, range, over > under);
    if (change >= MOVING && beyond >= least) {
        for (var j = -LINES; j <= LINES; j++) {
            for (var x = -PIXELS; x <= PIXELS; x += APART) {
                range = widened(range, at + vec2i(x, j * step()));
            }
        }
        beyond = outside(own, range, over > under);
    }
    return vec4f(select(0.0, 1.0, range.x <= range.y && beyond >= least));
}

// The least and the greatest value, together with those at `p` in the frames before and after.
fn widened(range: vec2i, p: vec2i) -> vec2i {
    var both = range;
    for (var k = -1; k <= 1; k += 2) {
        if (image_valid(k)) {
            both = vec2i(min(both.x, value(k, p)), max(both.y, value(k, p)));
        }
    }
    return both;
}

fn outside(own: i32, range: vec2i, above: bool) -> i32 {
    return select(range.x - own, own - range.y, above);
}
