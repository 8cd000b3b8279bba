import package::common::halves::halves_of;

// The first layer of a network with 8 channels: 3 by 3 pixels of luma make 8 features.
fn features(at: vec2i) {
    let extent = luma_extent();
    let first = i32(params.offset);
    var a = weights_vec4(first + 72);
    var b = weights_vec4(first + 73);
    for (var tap = 0; tap < 9; tap++) {
        let value = luma_at(at + vec2i(tap % 3 - 1, tap / 3 - 1)).r - 0.5;
        let m = first + 8 * tap;
        a += weights_vec4(m) * value;
        b += weights_vec4(m + 4) * value;
    }
    a = select(a * weights_vec4(first + 74), a, a > vec4f(0.0));
    b = select(b * weights_vec4(first + 75), b, b > vec4f(0.0));
    let place = 4 * (at.y * extent.x + at.x);
    words_store(place, halves_of(a.x, a.y));
    words_store(place + 1, halves_of(a.z, a.w));
    words_store(place + 2, halves_of(b.x, b.y));
    words_store(place + 3, halves_of(b.z, b.w));
}
