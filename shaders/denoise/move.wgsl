// The frame at `offset`, moved to where this frame's picture is. Vectors are those of a picture of half the size, one for 8 by
// 8 pixels here. Between pixels by the cubic of Catmull and Rom (1974): a bilinear read would soften the picture.
fn pixel(at: vec2i) -> vec4f {
    let k = i32(params.offset);
    let v = 2.0 * vectors_at(at / 8).rg;
    let whole = floor(v);
    let part = v - whole;
    let first = at + vec2i(whole) - 1;
    let across = weights(part.x);
    let down = weights(part.y);
    var sum = vec4f(0.0);
    for (var j = 0; j < 4; j++) {
        let a = across.x * image_at(k, first + vec2i(0, j)) + across.y * image_at(k, first + vec2i(1, j));
        let b = across.z * image_at(k, first + vec2i(2, j)) + across.w * image_at(k, first + vec2i(3, j));
        sum += down[j] * (a + b);
    }
    return vec4f(sum.rgb, f32(image_valid(k)));
}

fn weights(t: f32) -> vec4f {
    return vec4f(
        t * (-0.5 + t * (1.0 - 0.5 * t)),
        1.0 + t * t * (1.5 * t - 2.5),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (0.5 * t - 0.5),
    );
}
