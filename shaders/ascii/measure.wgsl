// The mean colour of a ninth of a cell, and in place of alpha how much of it lines cover.
fn pixel(at: vec2i) -> vec4f {
    let size = vec2i(i32(params.columns), i32(params.rows));
    let first = at * size;
    // A cell at the border may reach beyond the picture: pixels that are there count alone.
    let end = max(min(first + size, image_extent()), min(first + 1, image_extent()));
    let begin = min(first, image_extent() - 1);
    var rgb = vec3f(0.0);
    var line = 0.0;
    for (var y = begin.y; y < end.y; y++) {
        for (var x = begin.x; x < end.x; x++) {
            rgb += image_at(vec2i(x, y)).rgb;
            line += lines_at(vec2i(x, y)).r;
        }
    }
    let pixels = end - begin;
    return vec4f(rgb, line) / f32(pixels.x * pixels.y);
}
