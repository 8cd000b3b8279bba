// 16-bit floats (IEEE 754-2019, binary16) by operations on whole numbers: what WGSL has for it is not in every driver.

// The bits of the nearest one, ties to even.
fn half_of(value: f32) -> u32 {
    let bits = bitcast<u32>(value);
    let sign = (bits >> 16u) & 0x8000u;
    let size = bits & 0x7fffffffu;
    // From 65536 on, infinity; what is no number stays so.
    if (size >= 0x47800000u) {
        return sign | select(0x7c00u, 0x7e00u, size > 0x7f800000u);
    }
    // Below 2^-14, multiples of 2^-24, which is what a sum with one half is rounded to.
    if (size < 0x38800000u) {
        return sign | (bitcast<u32>(bitcast<f32>(size) + 0.5) - 0x3f000000u);
    }
    let odd = (size >> 13u) & 1u;
    return sign | ((size - 0x38000000u + 0x0fffu + odd) >> 13u);
}

// Two of them in a word, the first in the lower bits.
fn halves_of(first: f32, second: f32) -> u32 {
    return half_of(first) | (half_of(second) << 16u);
}

// The float that the lower 16 bits stand for.
fn float_of(half: u32) -> f32 {
    let sign = (half & 0x8000u) << 16u;
    let exponent = (half >> 10u) & 31u;
    let fraction = half & 0x3ffu;
    if (exponent == 0u) {
        return select(1.0, -1.0, sign != 0u) * f32(fraction) / 16777216.0;
    }
    if (exponent == 31u) {
        return bitcast<f32>(sign | 0x7f800000u | (fraction << 13u));
    }
    return bitcast<f32>(sign | ((exponent + 112u) << 23u) | (fraction << 13u));
}
