import package::common::halves::halves_of;

// Four features of a pixel.
fn four(i: i32) -> vec4f {
    return vec4f(unpack2x16float(features_word(i)), unpack2x16float(features_word(i + 1)));
}

// Weights from four features to four others.
fn matrix(m: i32) -> mat4x4f {
    return mat4x4f(weights_vec4(m), weights_vec4(m + 1), weights_vec4(m + 2), weights_vec4(m + 3));
}

// A layer of a network with 16 channels: 3 by 3 pixels of 16 features make 16 others.
fn features(at: vec2i) {
    let extent = vec2i(i32(params.columns), i32(params.rows));
    let first = i32(params.offset);
    var a = weights_vec4(first + 576);
    var b = weights_vec4(first + 577);
    var c = weights_vec4(first + 578);
    var d = weights_vec4(first + 579);
    for (var tap = 0; tap < 9; tap++) {
        let p = clamp(at + vec2i(tap % 3 - 1, tap / 3 - 1), vec2i(0), extent - vec2i(1));
        let i = 8 * (p.y * extent.x + p.x);
        let m = first + 64 * tap;
        let x = four(i);
        a += matrix(m) * x;
        b += matrix(m + 4) * x;
        c += matrix(m + 8) * x;
        d += matrix(m + 12) * x;
        let y = four(i + 2);
        a += matrix(m + 16) * y;
        b += matrix(m + 20) * y;
        c += matrix(m + 24) * y;
        d += matrix(m + 28) * y;
        let z = four(i + 4);
        a += matrix(m + 32) * z;
        b += matrix(m + 36) * z;
        c += matrix(m + 40) * z;
        d += matrix(m + 44) * z;
        let w = four(i + 6);
        a += matrix(m + 48) * w;
        b += matrix(m + 52) * w;
        c += matrix(m + 56) * w;
        d += matrix(m + 60) * w;
    }
    a = select(a * weights_vec4(first + 580), a, a > vec4f(0.0));
    b = select(b * weights_vec4(first + 581), b, b > vec4f(0.0));
    c = select(c * weights_vec4(first + 582), c, c > vec4f(0.0));
    d = select(d * weights_vec4(first + 583), d, d > vec4f(0.0));
    let place = 8 * (at.y * extent.x + at.x);
    words_store(place, halves_of(a.x, a.y));
    words_store(place + 1, halves_of(a.z, a.w));
    words_store(place + 2, halves_of(b.x, b.y));
    words_store(place + 3, halves_of(b.z, b.w));
    words_store(place + 4, halves_of(c.x, c.y));
    words_store(place + 5, halves_of(c.z, c.w));
    words_store(place + 6, halves_of(d.x, d.y));
    words_store(place + 7, halves_of(d.z, d.w));
}
