import package::common::border::reflect;
import package::common::bspline::cubic;

// Weighted mean around one point of the coarse grid.
fn pixel(at: vec2i) -> vec4f {
    let centre = f32(at.x) * params.spacing;
    let reach = 2.0 * params.spacing;
    var sum = vec4f(0.0);
    var total = 0.0;
    for (var i = i32(ceil(centre - reach)); i <= i32(floor(centre + reach)); i++) {
        let weight = cubic((f32(i) - centre) / params.spacing);
        sum += weight * image_at(vec2i(reflect(i, image_extent().x), at.y));
        total += weight;
    }
    return sum / total;
}
