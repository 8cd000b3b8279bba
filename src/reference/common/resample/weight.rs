//! How much a sample counts, by its distance. Filters by the number of their curve: 0 triangle (bilinear), 1 Mitchell and Netravali's cubic
//! with B = C = 1/3 ("Reconstruction filters in computer graphics", 1988), 2 Catmull and Rom's cubic, 3 Lanczos with three
//! lobes.

/// Distance, in samples, from which on filter `curve` is 0.
pub fn support(curve: f32) -> f32 {
    if curve > 2.5 {
        3.0
    } else if curve < 0.5 {
        1.0
    } else {
        2.0
    }
}

/// Weight at the distance `x`, in samples; 1 or less. Weights of neighbours are to be divided by their sum.
pub fn weight(curve: f32, x: f32) -> f32 {
    let d = x.abs();
    if curve < 0.5 {
        (1.0 - d).max(0.0)
    } else if curve > 2.5 {
        lanczos3(d * d)
    } else if curve < 1.5 {
        mitchell(d)
    } else {
        catmull_rom(d)
    }
}

// Both cubics as products, so that their zeros are exact.

fn mitchell(d: f32) -> f32 {
    let r = (2.0 - d).max(0.0);
    if d < 1.0 {
        8.0 / 9.0 + d * d * (7.0 / 6.0 * d - 2.0)
    } else {
        r * r * (8.0 - 7.0 * d) * (1.0 / 18.0)
    }
}

fn catmull_rom(d: f32) -> f32 {
    let r = (2.0 - d).max(0.0);
    if d < 1.0 {
        (1.0 - d) * (1.0 + d - 1.5 * d * d)
    } else {
        r * r * (1.0 - d) * 0.5
    }
}

/// sinc(x) · sinc(x/3) of u = x², as a polynomial: every executor has the same, within 4e-7. The zeros are factors of their
/// own, so that they are exact; the rest is smooth in u and was interpolated at Chebyshev's nodes.
fn lanczos3(u: f32) -> f32 {
    const P: [f32; 9] = [
        0.182_790_62,
        -0.331_961_4,
        0.276_275_7,
        -0.141_573_47,
        0.050_554_987,
        -0.013_474_264,
        0.002_811_125_5,
        -0.000_490_821_43,
        6.757_316_4e-5,
    ];
    if u >= 9.0 {
        return 0.0;
    }
    let p = horner(&P, u * (2.0 / 9.0) - 1.0);
    let edge = 1.0 - u * (1.0 / 9.0);
    (1.0 - u) * (1.0 - u * 0.25) * (edge * edge) * p
}

/// Third zero of jinc(r) = 2 J1(πr) / (πr).
pub const POLAR_SUPPORT: f32 = 3.238_315_5;

/// The round filter: jinc(r) windowed by jinc, whose first zero is stretched to the support, of u = r²; within 8e-7. It is
/// libplacebo's `ewa_lanczos`, and was made as [`lanczos3`].
#[inline(always)]
pub fn polar_weight(u: f32) -> f32 {
    const P: [f32; 12] = [
        0.018_914_966,
        0.374_09,
        -0.275_105_63,
        -0.323_462_16,
        0.590_740_44,
        -0.431_176,
        0.198_473_5,
        -0.065_692_04,
        0.016_665_163,
        -0.003_391_457_7,
        0.000_597_061_94,
        -8.281_659e-5,
    ];
    let p = horner(&P, u * (2.0 / (POLAR_SUPPORT * POLAR_SUPPORT)) - 1.0);
    let edge = 1.0 - u * (1.0 / (POLAR_SUPPORT * POLAR_SUPPORT));
    if edge > 0.0 { edge * edge * p } else { 0.0 }
}

#[inline(always)]
fn horner<const N: usize>(factors: &[f32; N], t: f32) -> f32 {
    let mut value = factors[N - 1];
    for factor in factors[..N - 1].iter().rev() {
        value = factor + t * value;
    }
    value
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    fn sinc(x: f64) -> f64 {
        if x == 0.0 {
            1.0
        } else {
            (PI * x).sin() / (PI * x)
        }
    }

    /// 2 J1(πr) / (πr) by its power series.
    fn jinc(r: f64) -> f64 {
        let q = (PI * r / 2.0).powi(2);
        let (mut term, mut sum) = (1.0, 1.0);
        for k in 1..60 {
            term *= -q / f64::from(k * (k + 1));
            sum += term;
        }
        sum
    }

    #[test]
    fn polynomials_are_lanczos_and_jinc() {
        for step in 0..4000 {
            let x = f64::from(step) / 1000.0;
            let lanczos = if x < 3.0 {
                sinc(x) * sinc(x / 3.0)
            } else {
                0.0
            };
            let got = f64::from(weight(3.0, x as f32));
            assert!(
                (got - lanczos).abs() < 4e-7,
                "Lanczos at {x}: {got}, not {lanczos}"
            );
            let support = 3.238_315_484_166_236;
            let polar = if x < support {
                jinc(x) * jinc(x * 1.219_669_891_266_504_5 / support)
            } else {
                0.0
            };
            let got = f64::from(polar_weight((x * x) as f32));
            assert!(
                (got - polar).abs() < 8e-7,
                "jinc at {x}: {got}, not {polar}"
            );
        }
        assert_eq!([1.0, 2.0, 3.0].map(|x| weight(3.0, x)), [0.0; 3]);
    }

    #[test]
    fn cubics_and_the_triangle_are_theirs() {
        // Mitchell and Netravali's formula, in B and C.
        let cubic = |x: f64, b: f64, c: f64| {
            let d = x.abs();
            let near = [
                12.0 - 9.0 * b - 6.0 * c,
                12.0 * b + 6.0 * c - 18.0,
                0.0,
                6.0 - 2.0 * b,
            ];
            let far = [
                -b - 6.0 * c,
                6.0 * b + 30.0 * c,
                -12.0 * b - 48.0 * c,
                8.0 * b + 24.0 * c,
            ];
            let [p, q, r, s] = if d < 1.0 { near } else { far };
            (((p * d + q) * d + r) * d + s) / 6.0 * f64::from(u8::from(d < 2.0))
        };
        for step in -250..250 {
            let x = step as f32 / 100.0;
            let off = |curve: f32, b: f64, c: f64| {
                (f64::from(weight(curve, x)) - cubic(f64::from(x), b, c)).abs()
            };
            assert!(off(1.0, 1.0 / 3.0, 1.0 / 3.0) < 2e-7, "Mitchell at {x}");
            assert!(off(2.0, 0.0, 0.5) < 2e-7, "Catmull-Rom at {x}");
            assert_eq!(weight(0.0, x), (1.0 - x.abs()).max(0.0));
        }
        assert_eq!([1.0, 2.0].map(|x| weight(2.0, x)), [0.0; 2]);
        for curve in [0.0, 1.0, 2.0, 3.0] {
            assert_eq!(weight(curve, support(curve)), 0.0);
            assert_ne!(weight(curve, support(curve) - 0.1), 0.0);
        }
    }
}
