// How much a sample counts, by its distance. Filters by the number of their curve: 0 triangle (bilinear), 1 Mitchell and Netravali's cubic
// with B = C = 1/3, 2 Catmull and Rom's cubic, 3 Lanczos with three lobes.

// Distance from which on a filter is 0.
fn support(curve: f32) -> f32 {
    return select(select(2.0, 1.0, curve < 0.5), 3.0, curve > 2.5);
}

// Weight at the distance `x`, in samples.
fn weight(curve: f32, x: f32) -> f32 {
    let d = abs(x);
    if (curve < 0.5) {
        return max(1.0 - d, 0.0);
    }
    if (curve < 1.5) {
        return mitchell(d);
    }
    if (curve < 2.5) {
        return catmull_rom(d);
    }
    return lanczos3(d * d);
}

// Both cubics as products, so that their zeros are exact.

fn mitchell(d: f32) -> f32 {
    let r = max(2.0 - d, 0.0);
    return select(r * r * (8.0 - 7.0 * d) * (1.0 / 18.0), 8.0 / 9.0 + d * d * (7.0 / 6.0 * d - 2.0), d < 1.0);
}

fn catmull_rom(d: f32) -> f32 {
    let r = max(2.0 - d, 0.0);
    return select(r * r * (1.0 - d) * 0.5, (1.0 - d) * (1.0 + d - 1.5 * d * d), d < 1.0);
}

// sinc(x) · sinc(x/3) of u = x². WGSL's sin may be off by 1/2000; the polynomial is within 4e-7. The zeros are factors of
// their own, so that they are exact; the rest is smooth in u and was interpolated at Chebyshev's nodes.
fn lanczos3(u: f32) -> f32 {
    let t = u * (2.0 / 9.0) - 1.0;
    let p = 0.18279062 + t * (-0.3319614 + t * (0.2762757 + t * (-0.14157347 + t * (0.050554987 + t * (-0.013474264
        + t * (0.0028111255 + t * (-0.00049082143 + t * 6.7573164e-5)))))));
    let edge = 1.0 - u * (1.0 / 9.0);
    return select(0.0, (1.0 - u) * (1.0 - u * 0.25) * (edge * edge) * p, u < 9.0);
}

// Third zero of jinc(r) = 2 J1(πr) / (πr).
const POLAR_SUPPORT = 3.2383154841662362;

// jinc(r) windowed by jinc, whose first zero is stretched to the support, of u = r²; within 8e-7.
// Made as the one above. It is libplacebo's `ewa_lanczos`.
fn polar_weight(u: f32) -> f32 {
    let t = u * (2.0 / (POLAR_SUPPORT * POLAR_SUPPORT)) - 1.0;
    let p = 0.018914966 + t * (0.37409 + t * (-0.27510563 + t * (-0.32346216 + t * (0.59074044 + t * (-0.431176
        + t * (0.1984735 + t * (-0.06569204 + t * (0.016665163 + t * (-0.0033914577 + t * (0.00059706194
        + t * -8.281659e-5))))))))));
    let edge = 1.0 - u * (1.0 / (POLAR_SUPPORT * POLAR_SUPPORT));
    return select(0.0, edge * edge * p, edge > 0.0);
}
