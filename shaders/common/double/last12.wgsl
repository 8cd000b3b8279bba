// Four features of a pixel.
fn four(i: i32) -> vec4f {
    return vec4f(unpack2x16float(features_word(i)), unpack2x16float(features_word(i + 1)));
}

// Weights from four features to four others.
fn matrix(m: i32) -> mat4x4f {
    return mat4x4f(weights_vec4(m), weights_vec4(m + 1), weights_vec4(m + 2), weights_vec4(m + 3));
}

// The last layer of a network with 12 channels: 3 by 3 pixels of 12 features make what the four pixels of twice the size
// have more than a bilinear enlargement, row by row.
fn pixel(at: vec2i) -> vec4f {
    let extent = package::engine::extent;
    let first = i32(params.offset);
    var a = weights_vec4(first + 108);
    for (var tap = 0; tap < 9; tap++) {
        let p = clamp(at + vec2i(tap % 3 - 1, tap / 3 - 1), vec2i(0), extent - vec2i(1));
        let i = 6 * (p.y * extent.x + p.x);
        let m = first + 12 * tap;
        let x = four(i);
        a += matrix(m) * x;
        let y = four(i + 2);
        a += matrix(m + 4) * y;
        let z = four(i + 4);
        a += matrix(m + 8) * z;
    }
    return a;
}
