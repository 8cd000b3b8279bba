// Powers by polynomials: every executor has the same, within a few parts in ten million.

// The logarithm of x to the base 2, for x > 0, not subnormal.
fn log2_of(x: f32) -> f32 {
    let bits = bitcast<i32>(x);
    // To between sqrt(1/2) and sqrt(2), and the exponent that takes.
    let exponent = (bits - 0x3f3504f3) >> 23u;
    let t = bitcast<f32>(bits - (exponent << 23u)) - 1.0;
    let p = 1.44269504 + t * (-0.721352788 + t * (0.480923242 + t * (-0.360239637
        + t * (0.287098693 + t * (-0.248876889 + t * (0.234042436 + t * -0.145811693))))));
    return f32(exponent) + t * p;
}

// 2 to the power of x; x is limited to -126..126.
fn exp2_of(x: f32) -> f32 {
    let y = clamp(x, -126.0, 126.0);
    let whole = round(y);
    let f = y - whole;
    let p = 1.00000007 + f * (0.693146967 + f * (0.240221197 + f * (0.0555071327 + f * (0.00967554149 + f * 0.0013276472))));
    return p * bitcast<f32>((i32(whole) + 127) << 23u);
}

// x to the power of `exponent`; below zero, of its distance to zero with its sign.
fn power(x: f32, exponent: f32) -> f32 {
    let magnitude = exp2_of(exponent * log2_of(max(abs(x), 1e-36)));
    return select(magnitude, -magnitude, x < 0.0);
}

// exp(-t) as (1 - t/16)^16: no transcendental function for each of many taps.
fn falloff(t: f32) -> f32 {
    let a = max(1.0 - t * 0.0625, 0.0);
    let b = a * a;
    let c = b * b;
    let d = c * c;
    return d * d;
}
