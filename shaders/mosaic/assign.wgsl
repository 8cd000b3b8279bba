fn code_at(at: vec2i) -> vec3i {
    return vec3i(round(clamp(image_at(at).rgb, vec3f(0.0), vec3f(1.0)) * 255.0));
}

// Which of the 49 cells around has the tile that this pixel belongs to, from 0 to 48, row by row: the seed that is nearest in
// place and colour (simple linear iterative clustering, Achanta and others 2012, with seeds that are carried along).
fn pixel(at: vec2i) -> vec4f {
    let side = i32(params.side);
    let own = at / i32(params.cell);
    let code = code_at(at);
    let last = vec2i(i32(params.columns), i32(params.rows)) - 1;
    // With `follow` 1, a distance of a side weighs as much as one in colour of 255 / sqrt(12) codes. Both sums stay below
    // 2^30.
    let place = 1048576 / (side * side);
    let colour = i32(round(3096.0 * params.follow));
    var nearest = 2147483647;
    var found = 24;
    for (var y = -3; y <= 3; y++) {
        for (var x = -3; x <= 3; x++) {
            let cell = own + vec2i(x, y);
            let word = 4 * (cell.y * i32(params.columns) + cell.x);
            if (all(cell >= vec2i(0)) && all(cell <= last) && seeds_word(word + 3) > 0u) {
                let seed = vec2i(i32(seeds_word(word)), i32(seeds_word(word + 1)));
                let d = 16 * at + 8 - seed;
                let e = code - code_at(seed >> vec2u(4u));
                let far = place * ((d.x * d.x + d.y * d.y) >> 4u) + colour * (e.x * e.x + e.y * e.y + e.z * e.z);
                if (far < nearest) {
                    nearest = far;
                    found = (y + 3) * 7 + x + 3;
                }
            }
        }
    }
    return vec4f(vec3f(f32(found)), 1.0);
}
