// The cell whose tile the pixel nearest to `at` belongs to.
fn tile_at(at: vec2i) -> vec2i {
    let inside = clamp(at, vec2i(0), tiles_extent() - 1);
    let found = i32(round(tiles_at(inside).r));
    return inside / i32(params.cell) + vec2i(found % 7, found / 7) - 3;
}

// The mean colour of a tile, a little lighter or darker by chance, and the gaps: where another tile is nearer than half
// their width.
fn pixel(at: vec2i) -> vec4f {
    let cell = tile_at(at);
    let place = 4 * (cell.y * i32(params.columns) + cell.x);
    let count = max(f32(sums_word(place + 3)), 1.0);
    let sum = vec3f(f32(sums_word(place)), f32(sums_word(place + 1)), f32(sums_word(place + 2)));
    let random = f32(seeds_word(place + 2) >> 8u) / 8388608.0 - 1.0;
    let tone = 1.0 + params.variation * random;
    let reach = 0.5 * params.grout + 0.5;
    let n = i32(ceil(reach));
    var gap = 0.0;
    for (var y = -n; y <= n; y++) {
        for (var x = -n; x <= n; x++) {
            if (any(tile_at(at + vec2i(x, y)) != cell)) {
                gap = max(gap, min(reach - sqrt(f32(x * x + y * y)), 1.0));
            }
        }
    }
    let gaps = select(0.0, gap, params.grout > 0.0);
    let grout = vec3f(params.grout_colour_r, params.grout_colour_g, params.grout_colour_b);
    let colour = sum / (1023.0 * count) * tone;
    return vec4f(colour + (grout - colour) * gaps, image_here().a);
}
