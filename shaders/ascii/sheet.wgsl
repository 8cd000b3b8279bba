// The pixels of the atlas from `from` up to `to`, at least one.
fn ink(lo: vec2i, hi: vec2i) -> f32 {
    var sum = 0.0;
    for (var y = lo.y; y < hi.y; y++) {
        for (var x = lo.x; x < hi.x; x++) {
            let c = glyphs_at(vec2i(x, y));
            sum += c.a * (0.299 * c.r + 0.587 * c.g + 0.114 * c.b);
        }
    }
    let size = hi - lo;
    return sum / f32(size.x * size.y);
}

// A pixel of a character at the size that it is drawn in: the mean of its part of the atlas.
fn pixel(at: vec2i) -> vec4f {
    let cell = vec2i(i32(params.columns), i32(params.rows));
    let atlas = max(glyphs_extent() / vec2i(i32(params.atlas_columns), i32(params.atlas_rows)), vec2i(1));
    let first = at / cell * atlas;
    let within = at % cell;
    let lo = within * atlas / cell;
    let hi = max((within + 1) * atlas / cell, lo + 1);
    return vec4f(ink(first + lo, first + hi));
}
