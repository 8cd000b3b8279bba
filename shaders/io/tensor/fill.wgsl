import package::common::halves::halves_of;

// A tensor whose values are all the same: 32-bit floats, or two 16-bit floats in a word.
fn fill(at: vec2i) {
    let i = at.y * i32(params.columns) + at.x;
    if (params.half > 0.0) {
        words_store(i, halves_of(params.value, params.value));
    } else {
        words_store(i, bitcast<u32>(params.value));
    }
}
