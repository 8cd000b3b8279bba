import package::common::border::reflect;
import package::common::bspline::cubic;

// The spline through the coarse grid, at one pixel.
fn pixel(at: vec2i) -> vec4f {
    let position = f32(at.x) / params.spacing;
    let first = i32(floor(position)) - 1;
    var sum = vec4f(0.0);
    var total = 0.0;
    for (var k = 0; k < 4; k++) {
        let i = first + k;
        let weight = cubic(f32(i) - position);
        sum += weight * image_at(vec2i(reflect(i, image_extent().x), at.y));
        total += weight;
    }
    return sum / total;
}
