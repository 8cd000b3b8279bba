import super::alpha::{multiplied, finished};
import super::weight::{POLAR_SUPPORT, polar_weight};
import super::window::{axis_of, reach_of, mirrored};

// The picture at another size, by a filter that is round: what counts is the distance in the plane.
fn pixel(at: vec2i) -> vec4f {
    let size = image_extent();
    let extent = package::engine::extent;
    let axis_x = axis_of(at.x, size.x, extent.x);
    let axis_y = axis_of(at.y, size.y, extent.y);
    let reach_x = reach_of(axis_x, POLAR_SUPPORT);
    let reach_y = reach_of(axis_y, POLAR_SUPPORT);
    var sum = vec4f(0.0);
    var total = 0.0;
    var opaque = true;
    for (var j = reach_y.x; j <= reach_y.y; j++) {
        let y = mirrored(axis_y.base + j, size.y);
        let dy = (f32(j) + axis_y.offset) * axis_y.step;
        for (var i = reach_x.x; i <= reach_x.y; i++) {
            let dx = (f32(i) + axis_x.offset) * axis_x.step;
            let share = polar_weight(dx * dx + dy * dy);
            let tap = image_at(vec2i(mirrored(axis_x.base + i, size.x), y));
            sum += share * multiplied(tap, 1.0);
            total += share;
            opaque = opaque && tap.a == 1.0;
        }
    }
    return finished(sum / total, opaque, 1.0);
}
