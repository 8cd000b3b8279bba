// Weights of four pixels for a place `t` after the second of them (Catmull and Rom, 1974).
fn weights(t: f32) -> array<f32, 4> {
    return array(
        t * (-0.5 + t * (1.0 - 0.5 * t)),
        1.0 + t * t * (1.5 * t - 2.5),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (0.5 * t - 0.5),
    );
}

// The average, moved to where the picture is now, goes towards the new frame, and at once where it is not known what was
// there before; a scene begins with its own first frame.
fn pixel(at: vec2i) -> vec4f {
    let now = image_here();
    if (package::engine::facts.history_valid == 0u) {
        return now;
    }
    let extent = image_extent();
    let source = vec2i(i32(params.source_columns), i32(params.source_rows));
    // The cell of 4 by 4 pixels of the source that the middle of this pixel lies in.
    let cell = (2 * at + 1) * source / (8 * extent);
    let ratio = vec2f(extent) / vec2f(source);
    let v = vectors_at(cell).rg * ratio;
    let base = floor(v);
    let across = weights(v.x - base.x);
    let down = weights(v.y - base.y);
    let first = at + vec2i(base) - 1;
    var before = vec4f(0.0);
    for (var j = 0; j < 4; j++) {
        var row = vec4f(0.0);
        for (var i = 0; i < 4; i++) {
            row += across[i] * average_at(first + vec2i(i, j));
        }
        before += down[j] * row;
    }
    let sure = vectors_sample((vec2f(at) + 0.5) / vec2f(extent)).b;
    return before + (1.0 - (1.0 - params.alpha) * sure) * (now - before);
}
