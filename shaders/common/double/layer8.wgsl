import package::common::halves::halves_of;

// Four features of a pixel.
fn four(i: i32) -> vec4f {
    return vec4f(unpack2x16float(features_word(i)), unpack2x16float(features_word(i + 1)));
}

// Weights from four features to four others.
fn matrix(m: i32) -> mat4x4f {
    return mat4x4f(weights_vec4(m), weights_vec4(m + 1), weights_vec4(m + 2), weights_vec4(m + 3));
}

// A layer of a network with 8 channels: 3 by 3 pixels of 8 features make 8 others.
fn features(at: vec2i) {
    let extent = vec2i(i32(params.columns), i32(params.rows));
    let first = i32(params.offset);
    var a = weights_vec4(first + 144);
    var b = weights_vec4(first + 145);
    for (var tap = 0; tap < 9; tap++) {
        let p = clamp(at + vec2i(tap % 3 - 1, tap / 3 - 1), vec2i(0), extent - vec2i(1));
        let i = 4 * (p.y * extent.x + p.x);
        let m = first + 16 * tap;
        let x = four(i);
        a += matrix(m) * x;
        b += matrix(m + 4) * x;
        let y = four(i + 2);
        a += matrix(m + 8) * y;
        b += matrix(m + 12) * y;
    }
    a = select(a * weights_vec4(first + 146), a, a > vec4f(0.0));
    b = select(b * weights_vec4(first + 147), b, b > vec4f(0.0));
    let place = 4 * (at.y * extent.x + at.x);
    words_store(place, halves_of(a.x, a.y));
    words_store(place + 1, halves_of(a.z, a.w));
    words_store(place + 2, halves_of(b.x, b.y));
    words_store(place + 3, halves_of(b.z, b.w));
}
