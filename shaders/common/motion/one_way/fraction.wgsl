// Added to the squares of differences between neighbours: where they are no larger than this, they tell nothing.
const FLOOR = 1024.0;
// Squares of a block that count as a weight of 1; so weights fit half floats.
const SHARE = 16384.0;

// Where between whole pixels a block matches best: one step of Lucas and Kanade ("An iterative image registration technique",
// 1981), with the mean of both pictures' slopes (Benhimane and Malis, 2004), at most a pixel. Blue is how much there is to tell
// that by.
fn pixel(at: vec2i) -> vec4f {
    let v = vec2i(vectors_here().rg);
    var squares = vec3f(0.0);
    var ways = vec2f(0.0);
    for (var j = -2; j < 6; j++) {
        for (var i = -2; i < 6; i++) {
            let p = 4 * at + vec2i(i, j);
            let q = p + v;
            let x = vec2i(1, 0);
            let y = vec2i(0, 1);
            let across = 0.25 * ((image_at(p + x).r - image_at(p - x).r) + (other_at(q + x).r - other_at(q - x).r));
            let down = 0.25 * ((image_at(p + y).r - image_at(p - y).r) + (other_at(q + y).r - other_at(q - y).r));
            let apart = image_at(p).r - other_at(q).r;
            squares += vec3f(across * across, across * down, down * down);
            ways += apart * vec2f(across, down);
        }
    }
    let xx = squares.x + FLOOR;
    let xy = squares.y;
    let yy = squares.z + FLOOR;
    let determinant = xx * yy - xy * xy;
    let step = vec2f(yy * ways.x - xy * ways.y, xx * ways.y - xy * ways.x) / determinant;
    let much = determinant / (xx + yy) / SHARE;
    return vec4f(vec2f(v) + clamp(step, vec2f(-1.0), vec2f(1.0)), much, 1.0);
}
