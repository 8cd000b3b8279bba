// Specks, and the pixels beside them, are the mean of the frames before and after; pixels at their corners are half of it.

fn moved(k: i32, p: vec2i, v: vec2f) -> vec3f {
    let whole = floor(v);
    let part = v - whole;
    let q = p + vec2i(whole);
    let above = mix(image_at(k, q).rgb, image_at(k, q + vec2i(1, 0)).rgb, part.x);
    let below = mix(image_at(k, q + vec2i(0, 1)).rgb, image_at(k, q + vec2i(1, 1)).rgb, part.x);
    return mix(above, below, part.y);
}

fn pixel(at: vec2i) -> vec4f {
    let own = image_at(0, at);
    var share = 0.0;
    for (var k = 0; k < 9; k++) {
        let by = vec2i(k % 3 - 1, k / 3 - 1);
        share = max(share, specks_at(at + by).r * select(1.0, 0.5, abs(by.x) + abs(by.y) == 2));
    }
    if (share == 0.0) {
        return own;
    }
    let v = params.down * chosen_at(at / (4 * i32(params.down)));
    let mean = 0.5 * (moved(-1, at, v.xy) + moved(1, at, v.zw));
    return vec4f(own.rgb + (mean - own.rgb) * share, own.a);
}
