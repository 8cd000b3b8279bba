//! Weights that subsample a row of colour differences. They invert the linear interpolation of unpacking: upsampling
//! followed by subsampling changes nothing. On a co-sited axis they are the low-pass of LeGall's 5/3 wavelet (1988).

/// Up to five weights of neighbouring indices; an index outside the row means its first or last pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Taps {
    pub first: i64,
    pub weights: [f32; 5],
}

/// Weights for sample `i` of the subsampled row of `n` pixels. `siting`: 0 not subsampled, 1 on the first of two
/// pixels, 2 between them, 3 on the second.
#[inline(always)]
pub fn taps(i: usize, n: usize, siting: f32) -> Taps {
    let (i, n) = (i as i64, n as i64);
    let (first, weights) = if siting == 0.0 {
        (i, [1.0, 0.0, 0.0, 0.0, 0.0])
    } else if n == 1 {
        (0, [1.0, 0.0, 0.0, 0.0, 0.0])
    } else if siting == 2.0 {
        if 2 * i == n - 1 {
            (n - 2, [-0.5, 1.5, 0.0, 0.0, 0.0])
        } else {
            (2 * i - 1, [-0.25, 0.75, 0.75, -0.25, 0.0])
        }
    } else if siting == 3.0 {
        if 2 * i + 1 == n {
            (n - 2, [-1.0, 2.0, 0.0, 0.0, 0.0])
        } else if 2 * i + 3 == n {
            (2 * i - 1, [-0.125, 0.25, 0.875, 0.0, 0.0])
        } else {
            (2 * i - 1, [-0.125, 0.25, 0.75, 0.25, -0.125])
        }
    } else {
        (2 * i - 2, [-0.125, 0.25, 0.75, 0.25, -0.125])
    };
    Taps { first, weights }
}
