// Specks, and one pixel around them, are the mean of the frames before and after; one pixel more is half of it.

fn moved(k: i32, p: vec2i, v: vec2f) -> vec4f {
    let whole = floor(v);
    let part = v - whole;
    let q = p + vec2i(whole);
    let above = mix(image_at(k, q), image_at(k, q + vec2i(1, 0)), part.x);
    let below = mix(image_at(k, q + vec2i(0, 1)), image_at(k, q + vec2i(1, 1)), part.x);
    return mix(above, below, part.y);
}

fn pixel(at: vec2i) -> vec4f {
    let own = image_here(0);
    var share = 0.0;
    for (var j = -2; j <= 2; j++) {
        for (var i = -2; i <= 2; i++) {
            let near = select(select(1.0, 0.5, abs(i) + abs(j) == 2), 0.0, max(abs(i), abs(j)) == 2);
            share = max(share, near * specks_at(at + vec2i(i, j)).r);
        }
    }
    if (share == 0.0) {
        return own;
    }
    let down = i32(params.down);
    let v = params.down * chosen_at(at / (4 * down));
    let mean = 0.5 * (moved(-1, at, v.xy) + moved(1, at, v.zw));
    return vec4f(mix(own.rgb, mean.rgb, share), own.a);
}
