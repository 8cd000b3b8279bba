fn clear(at: vec2i) {
    words_store(4 * i32(params.columns) * at.y + at.x, 0u);
}

// Adds the colour of a pixel to its tile: red, green and blue in 1023rds, and how many pixels there are.
fn add(at: vec2i) {
    let found = i32(round(tiles_at(at).r));
    let cell = at / i32(params.cell) + vec2i(found % 7, found / 7) - 3;
    let place = 4 * (cell.y * i32(params.columns) + cell.x);
    let code = vec3u(round(clamp(image_at(at).rgb, vec3f(0.0), vec3f(2.0)) * 1023.0));
    words_add(place, code.r);
    words_add(place + 1, code.g);
    words_add(place + 2, code.b);
    words_add(place + 3, 1u);
}
