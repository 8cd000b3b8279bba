// Where a pixel of the output lies among those of the input, along one axis.
struct Axis {
    // The input pixel it lies in.
    base: i32,
    // From there to that pixel's centre, in input pixels: above -1/2, at most 1/2.
    offset: f32,
    // Output pixels to an input pixel, at most 1: where the picture shrinks, the filter is stretched.
    step: f32,
}

// Of output pixel `at`: the centre of a pixel is at its number and a half. The ratio is that of the two sizes, in whole
// numbers; their product may be 2^31.
fn axis_of(at: i32, count_in: i32, count_out: i32) -> Axis {
    let n = (2u * u32(at) + 1u) * u32(count_in);
    let d = 2u * u32(count_out);
    return Axis(i32(n / d), 0.5 - f32(n % d) / f32(d), min(f32(count_out) / f32(count_in), 1.0));
}

// The first and the last pixel, from `base`, that a filter of `support` reaches.
fn reach_of(axis: Axis, support: f32) -> vec2i {
    let reach = support / axis.step;
    return vec2i(i32(ceil(-reach - axis.offset)), i32(floor(reach - axis.offset)));
}

// Pixel `i` of a row of `n` that goes on as its mirror image, the last pixel twice (as zimg does); what lies beyond the
// mirror image is the pixel at its end.
fn mirrored(i: i32, n: i32) -> i32 {
    let inside = select(select(i, 2 * n - 1 - i, i >= n), -1 - i, i < 0);
    return clamp(inside, 0, n - 1);
}
