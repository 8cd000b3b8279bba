// Square of the radius, in cells, of the dot that covers `value` of its cell. From pi/4 on dots touch and overlap; what
// they leave open, h = 1 - value, is fitted in powers of its root: covered area within 0.03 % of `value`.
fn radius_squared(value: f32) -> f32 {
    let root = sqrt(max(1.0 - value, 0.0));
    let overlapping = 0.5 - root * (0.7233931 - root * (0.52175426 - root * (0.6727457 - root * 0.8673887)));
    return select(overlapping, value * 0.31830987, value < 0.7853982);
}

// Share of pixel `p` that dots of `value` cover, on a screen of cells `pitch` pixels wide turned by `turn` (cosine, sine).
// The pixel is a square along the screen's axes: exact along one axis, in four strips along the other. Where a screen's
// cells are whole pixels every dot meets the same strips; a quarter strip off centre, the errors of a dot's two sides
// cancel.
fn cover(value: f32, p: vec2f, turn: vec2f, pitch: f32) -> f32 {
    let side = 1.0 / pitch;
    let u = ((p.x + 0.5) * turn.x + (p.y + 0.5) * turn.y) * side;
    let v = ((p.y + 0.5) * turn.x - (p.x + 0.5) * turn.y) * side;
    let top = v + 0.5 * side;
    let bottom = v - 0.5 * side;
    let cells = round(top) - round(bottom);
    let above = top - round(top);
    let below = bottom - round(bottom);
    let square = radius_squared(value);
    // A chord ends at the pixel's sides at most. The signs are the same for all strips.
    var chords = 0.0;
    var tops = 0.0;
    var bottoms = 0.0;
    for (var strip = 0; strip < 4; strip++) {
        let x = u + (0.25 * f32(strip) - 0.3125) * side;
        let from_centre = x - round(x);
        let half_chord = min(sqrt(max(square - from_centre * from_centre, 0.0)), 0.5);
        chords += half_chord;
        tops += min(abs(above), half_chord);
        bottoms += min(abs(below), half_chord);
    }
    return 0.25 * (2.0 * chords * cells + sign(above) * tops - sign(below) * bottoms) * pitch;
}
