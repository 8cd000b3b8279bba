/// The index of `i` in a row of `n` pixels that is reflected at its first and last pixel (reflect-101).
#[inline(always)]
pub fn reflect(i: i64, n: usize) -> usize {
    if (0..n as i64).contains(&i) {
        return i as usize;
    }
    if n <= 1 {
        return 0;
    }
    let period = 2 * (n as i64 - 1);
    let m = i.rem_euclid(period);
    m.min(period - m) as usize
}

/// The index of `i` in a row of `n` pixels that is repeated without end.
#[inline(always)]
pub fn wrap(i: i64, n: usize) -> usize {
    i.rem_euclid(n as i64) as usize
}
