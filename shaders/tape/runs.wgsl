// 1 where a pixel belongs to a streak: it lies in or close to 16 pixels of its line, 12 of which are marked.
const LONG = 16;
const MARKED = 12;
// Pixels beside a streak that belong to it.
const BESIDE = 3;

fn pixel(at: vec2i) -> vec4f {
    var sum = 0;
    var most = 0;
    for (var x = 1 - LONG - BESIDE; x < LONG + BESIDE; x++) {
        sum += mark(at, x);
        if (x - LONG >= 1 - LONG - BESIDE) {
            sum -= mark(at, x - LONG);
        }
        most = max(most, sum);
    }
    return vec4f(select(0.0, 1.0, most >= MARKED));
}

fn mark(at: vec2i, x: i32) -> i32 {
    let inside = at.x + x >= 0 && at.x + x < package::engine::extent.x;
    return select(0, i32(marks_near(vec2i(x, 0)).r), inside);
}
