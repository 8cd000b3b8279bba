// The two tiles along one axis that make a pixel: `first` is the lower one, and `share` the part of the other one.
struct Pair {
    first: i32,
    other: i32,
    share: f32,
}

// A raised cosine, (1 - cos(pi t)) / 2 for t from 0 to 1: by the series of the sine around its middle, within 1e-7. Devices compute
// cos() with errors of up to 2^-11.
fn raised(t: f32) -> f32 {
    let x = 3.14159265 * (t - 0.5);
    let y = x * x;
    let sine = x * (1.0 - y / 6.0 * (1.0 - y / 20.0 * (1.0 - y / 42.0 * (1.0 - y / 72.0 * (1.0 - y / 110.0)))));
    return 0.5 + 0.5 * sine;
}

// Pixel `x`, where `count` tiles of `size` pixels begin `pitch` pixels apart. Neighbours are blended by a raised cosine
// over the `feather` pixels in the middle of what both have.
fn pair_of(x: i32, size: i32, pitch: i32, count: i32, feather: f32) -> Pair {
    // From here on, the pixels of each tile but the first begin `pitch` apart.
    let t = x - (size - pitch) / 2;
    let owner = clamp(i32(floor(f32(t) / f32(pitch))), 0, count - 1);
    let within = f32(t - owner * pitch) + 0.5;
    let before = within + 0.5 * feather;
    if (before < feather && owner > 0) {
        return Pair(owner - 1, owner, raised(before / feather));
    }
    let after = within - f32(pitch) + 0.5 * feather;
    if (after > 0.0 && owner < count - 1) {
        return Pair(owner, owner + 1, raised(after / feather));
    }
    return Pair(owner, owner, 0.0);
}
