import package::common::halves::halves_of;

// The first layer of a network with 16 channels: 3 by 3 pixels of luma make 16 features.
fn features(at: vec2i) {
    let extent = luma_extent();
    let first = i32(params.offset);
    var a = weights_vec4(first + 144);
    var b = weights_vec4(first + 145);
    var c = weights_vec4(first + 146);
    var d = weights_vec4(first + 147);
    for (var tap = 0; tap < 9; tap++) {
        let value = luma_at(at + vec2i(tap % 3 - 1, tap / 3 - 1)).r - 0.5;
        let m = first + 16 * tap;
        a += weights_vec4(m) * value;
        b += weights_vec4(m + 4) * value;
        c += weights_vec4(m + 8) * value;
        d += weights_vec4(m + 12) * value;
    }
    a = select(a * weights_vec4(first + 148), a, a > vec4f(0.0));
    b = select(b * weights_vec4(first + 149), b, b > vec4f(0.0));
    c = select(c * weights_vec4(first + 150), c, c > vec4f(0.0));
    d = select(d * weights_vec4(first + 151), d, d > vec4f(0.0));
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
