import package::common::power::{log2_of, exp2_of};
import package::common::transfer::{light, signal};

// The inverse of a logistic function with its middle at 0.75 and a slope of 6.5 (as ImageMagick and libplacebo use it), of the light that
// the signal stands for by the curve of sRGB. 0 and 1 stay; beyond both it goes on as a straight line.
const MIDDLE = 0.75;
const SLOPE = 6.5;
// The logistic function at 0, and what it grows by up to 1.
const OFFSET = 0.007577241;
const SCALE = 0.8279063;
const LOG2_E = 1.442695;
const SRGB = 3.0;

fn bent(value: vec3f) -> vec3f {
    let inside = clamp(value, vec3f(0.0), vec3f(1.0));
    let t = light(inside, SRGB, 1.0) * SCALE + OFFSET;
    let odds = (1.0 - t) / t;
    let bits = vec3f(log2_of(odds.r), log2_of(odds.g), log2_of(odds.b));
    return MIDDLE - bits / (SLOPE * LOG2_E) + (value - inside);
}

fn unbent(value: vec3f) -> vec3f {
    let inside = clamp(value, vec3f(0.0), vec3f(1.0));
    let bits = (MIDDLE - inside) * (SLOPE * LOG2_E);
    let t = 1.0 / (1.0 + vec3f(exp2_of(bits.r), exp2_of(bits.g), exp2_of(bits.b)));
    return signal((t - OFFSET) / SCALE, SRGB, 1.0) + (value - inside);
}
