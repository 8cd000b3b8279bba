import package::common::halves::halves_of;

// Four features of a pixel.
fn four(i: i32) -> vec4f {
    return vec4f(unpack2x16float(features_word(i)), unpack2x16float(features_word(i + 1)));
}

// Weights from four features to four others.
fn matrix(m: i32) -> mat4x4f {
    return mat4x4f(weights_vec4(m), weights_vec4(m + 1), weights_vec4(m + 2), weights_vec4(m + 3));
}

// A layer of a network with 12 channels: 3 by 3 pixels of 12 features make 12 others.
fn features(at: vec2i) {
    let extent = vec2i(i32(params.columns), i32(params.rows));
    let first = i32(params.offset);
    var a = weights_vec4(first + 324);
    var b = weights_vec4(first + 325);
    var c = weights_vec4(first + 326);
    for (var tap = 0; tap < 9; tap++) {
        let p = clamp(at + vec2i(tap % 3 - 1, tap / 3 - 1), vec2i(0), extent - vec2i(1));
        let i = 6 * (p.y * extent.x + p.x);
        let m = first + 36 * tap;
        let x = four(i);
        a += matrix(m) * x;
        b += matrix(m + 4) * x;
        c += matrix(m + 8) * x;
        let y = four(i + 2);
        a += matrix(m + 12) * y;
        b += matrix(m + 16) * y;
        c += matrix(m + 20) * y;
        let z = four(i + 4);
        a += matrix(m + 24) * z;
        b += matrix(m + 28) * z;
        c += matrix(m + 32) * z;
    }
    a = select(a * weights_vec4(first + 327), a, a > vec4f(0.0));
    b = select(b * weights_vec4(first + 328), b, b > vec4f(0.0));
    c = select(c * weights_vec4(first + 329), c, c > vec4f(0.0));
    let place = 6 * (at.y * extent.x + at.x);
    words_store(place, halves_of(a.x, a.y));
    words_store(place + 1, halves_of(a.z, a.w));
    words_store(place + 2, halves_of(b.x, b.y));
    words_store(place + 3, halves_of(b.z, b.w));
    words_store(place + 4, halves_of(c.x, c.y));
    words_store(place + 5, halves_of(c.z, c.w));
}
