// Weights that take a row of colour differences to its subsampled row: the inverse of linear interpolation, so that
// going up and down again changes nothing. Across a co-sited axis the low-pass of LeGall's 5/3 wavelet (1988).
struct Taps {
    first: i32,
    weights: array<f32, 5>,
}

// Sample `i` of the subsampled row of `n` pixels. `siting`: 0 not subsampled, 1 on the first of two pixels, 2 between them,
// 3 on the second. Indices outside the row mean its first or last pixel.
fn taps(i: i32, n: i32, siting: f32) -> Taps {
    if (siting == 0.0) {
        return Taps(i, array<f32, 5>(1.0, 0.0, 0.0, 0.0, 0.0));
    }
    if (n == 1) {
        return Taps(0, array<f32, 5>(1.0, 0.0, 0.0, 0.0, 0.0));
    }
    if (siting == 2.0) {
        if (2 * i == n - 1) {
            return Taps(n - 2, array<f32, 5>(-0.5, 1.5, 0.0, 0.0, 0.0));
        }
        return Taps(2 * i - 1, array<f32, 5>(-0.25, 0.75, 0.75, -0.25, 0.0));
    }
    if (siting == 3.0) {
        if (2 * i + 1 == n) {
            return Taps(n - 2, array<f32, 5>(-1.0, 2.0, 0.0, 0.0, 0.0));
        }
        if (2 * i + 3 == n) {
            return Taps(2 * i - 1, array<f32, 5>(-0.125, 0.25, 0.875, 0.0, 0.0));
        }
        return Taps(2 * i - 1, array<f32, 5>(-0.125, 0.25, 0.75, 0.25, -0.125));
    }
    return Taps(2 * i - 2, array<f32, 5>(-0.125, 0.25, 0.75, 0.25, -0.125));
}
