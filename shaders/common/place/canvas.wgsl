// The picture with its first pixel at (x, y) of the result; opaque black around it.
fn pixel(at: vec2i) -> vec4f {
    let size = image_extent();
    let p = at - vec2i(i32(params.x), i32(params.y));
    let inside = all(p >= vec2i(0)) && all(p < size);
    let taken = image_at(clamp(p, vec2i(0), size - vec2i(1)));
    return select(vec4f(0.0, 0.0, 0.0, 1.0), taken, inside);
}
