// Index of `i` in a row of `n` pixels continued by reflection about its first and last pixel (reflect-101).
fn reflect(i: i32, n: i32) -> i32 {
    // Nearly always: no division.
    if (u32(i) < u32(n)) {
        return i;
    }
    if (n <= 1) {
        return 0;
    }
    let period = 2 * (n - 1);
    let m = ((i % period) + period) % period;
    return min(m, period - m);
}

// Pixel `p` of a picture of `size` pixels repeated without end.
fn wrap(p: vec2i, size: vec2i) -> vec2i {
    return ((p % size) + size) % size;
}
