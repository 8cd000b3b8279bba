// Word 0 is 1 where the frame was rebuilt, and so is word 1 of a frozen one, 2 of a black one, 3 of a damaged one; else 0.
fn count(at: vec2i) {
    let kind = i32(round(verdict_at(vec2i(0)).r));
    words_store(at.x, select(0u, 1u, kind > 0 && (at.x == 0 || at.x == kind)));
}
