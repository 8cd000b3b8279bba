import package::common::halves::halves_of;

// The first layer of a network with 12 channels: 3 by 3 pixels of luma make 12 features.
fn features(at: vec2i) {
    let extent = luma_extent();
    let first = i32(params.offset);
    var a = weights_vec4(first + 108);
    var b = weights_vec4(first + 109);
    var c = weights_vec4(first + 110);
    for (var tap = 0; tap < 9; tap++) {
        let value = luma_at(at + vec2i(tap % 3 - 1, tap / 3 - 1)).r - 0.5;
        let m = first + 12 * tap;
        a += weights_vec4(m) * value;
        b += weights_vec4(m + 4) * value;
        c += weights_vec4(m + 8) * value;
    }
    a = select(a * weights_vec4(first + 111), a, a > vec4f(0.0));
    b = select(b * weights_vec4(first + 112), b, b > vec4f(0.0));
    c = select(c * weights_vec4(first + 113), c, c > vec4f(0.0));
    let place = 6 * (at.y * extent.x + at.x);
    words_store(place, halves_of(a.x, a.y));
    words_store(place + 1, halves_of(a.z, a.w));
    words_store(place + 2, halves_of(b.x, b.y));
    words_store(place + 3, halves_of(b.z, b.w));
    words_store(place + 4, halves_of(c.x, c.y));
    words_store(place + 5, halves_of(c.z, c.w));
}
