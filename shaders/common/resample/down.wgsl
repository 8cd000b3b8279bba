import super::alpha::{multiplied, finished};
import super::limit::limited;
import super::weight::{support, weight};
import super::window::{axis_of, reach_of, mirrored};

// The pixel at `i` along the axis, the nearest one inside.
fn tap(at: vec2i, i: i32) -> vec4f {
    return multiplied(image_at(vec2i(at.x, i)), params.multiply);
}

// The picture at another size, down the columns.
// Mesa's lavapipe 22.3 crashes where the bounds of a loop depend on a uniform that is not the first of its block: `curve`
// comes first by its name.
fn pixel(at: vec2i) -> vec4f {
    let size = image_extent().y;
    let axis = axis_of(at.y, size, package::engine::extent.y);
    let reach = reach_of(axis, support(params.curve));
    var sum = vec4f(0.0);
    var total = 0.0;
    var opaque = true;
    for (var i = reach.x; i <= reach.y; i++) {
        let share = weight(params.curve, (f32(i) + axis.offset) * axis.step);
        let tap = image_at(vec2i(at.x, mirrored(axis.base + i, size)));
        sum += share * multiplied(tap, params.multiply);
        total += share;
        opaque = opaque && tap.a == 1.0;
    }
    var value = sum / total;
    if (params.limit > 0.0) {
        let first = axis.base - select(0, 1, axis.offset > 0.0);
        value = limited(value, tap(at, first - 1), tap(at, first), tap(at, first + 1), tap(at, first + 2));
    }
    return finished(value, opaque, params.divide);
}
