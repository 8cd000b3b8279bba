// The two tiles along one axis that make a pixel: `first` is the lower one, and `share` the part of the other one.
struct Pair {
    first: i32,
    other: i32,
    share: f32,
}

const PI = 3.14159265;

// Pixel `x`, where `count` tiles of `size` pixels begin `pitch` pixels apart. Neighbours are blended by a raised cosine
// over the `feather` pixels in the middle of what both have.
fn pair_of(x: i32, size: i32, pitch: i32, count: i32, feather: f32) -> Pair {
    // From here on, the pixels of each tile but the first begin `pitch` apart.
    let t = x - (size - pitch) / 2;
    let owner = clamp(i32(floor(f32(t) / f32(pitch))), 0, count - 1);
    let within = f32(t - owner * pitch) + 0.5;
    let before = within + 0.5 * feather;
    if (before < feather && owner > 0) {
        return Pair(owner - 1, owner, 0.5 - 0.5 * cos(PI * before / feather));
    }
    let after = within - f32(pitch) + 0.5 * feather;
    if (after > 0.0 && owner < count - 1) {
        return Pair(owner, owner + 1, 0.5 - 0.5 * cos(PI * after / feather));
    }
    return Pair(owner, owner, 0.0);
}
