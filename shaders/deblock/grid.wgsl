// The grid of blocks, in 256ths of a pixel.

// The first pixel behind border `index`.
fn border(index: i32, grid: i32, first: i32) -> i32 {
    return (index * grid + first + 128) >> 8u;
}

// The border nearest to pixel `x`.
fn nearest(x: i32, grid: i32, first: i32) -> i32 {
    return (256 * x + 128 - first + grid / 2 + grid) / grid - 1;
}
