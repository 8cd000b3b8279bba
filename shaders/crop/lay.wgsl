// The picture with its first pixel at (x, y), and around it the backdrop, which is an eighth as large and has the same middle.
fn pixel(at: vec2i) -> vec4f {
    let p = at - vec2i(i32(params.x), i32(params.y));
    if (all(p >= vec2i(0)) && all(p < image_extent())) {
        return image_at(p);
    }
    let middle = 0.5 * vec2f(package::engine::extent);
    let place = (vec2f(at) + 0.5 - middle) / 8.0 + 0.5 * vec2f(backdrop_extent());
    return vec4f(backdrop_between(place).rgb, 1.0);
}
