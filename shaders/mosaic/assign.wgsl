import super::grid::seed_of;

fn code_at(at: vec2i) -> vec3i {
    return vec3i(round(clamp(image_at(at).rgb, vec3f(0.0), vec3f(1.0)) * 255.0));
}

// Which of the nine cells around has the tile that this pixel belongs to, from 0 to 8, row by row: the seed that is nearest
// in place and colour (simple linear iterative clustering, Achanta and others 2012, with seeds that stay where they are).
fn pixel(at: vec2i) -> vec4f {
    let side = i32(params.side);
    let jitter = i32(round(256.0 * params.jitter));
    let own = at / side;
    let code = code_at(at);
    let last = vec2i(i32(params.columns), i32(params.rows)) - 1;
    // With `follow` 1, a distance of a side weighs as much as one in colour of 255 / sqrt(12) codes. Both sums stay below
    // 2^30.
    let place = 16777216 / (side * side);
    let colour = i32(round(3096.0 * params.follow));
    var nearest = 2147483647;
    var found = 4;
    for (var y = -1; y <= 1; y++) {
        for (var x = -1; x <= 1; x++) {
            let cell = own + vec2i(x, y);
            if (all(cell >= vec2i(0)) && all(cell <= last)) {
                let seed = seed_of(cell, side, jitter);
                let d = at - seed;
                let e = code - code_at(seed);
                let far = place * (d.x * d.x + d.y * d.y) + colour * (e.x * e.x + e.y * e.y + e.z * e.z);
                if (far < nearest) {
                    nearest = far;
                    found = (y + 1) * 3 + x + 1;
                }
            }
        }
    }
    return vec4f(vec3f(f32(found)), 1.0);
}
