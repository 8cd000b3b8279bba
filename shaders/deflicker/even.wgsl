// Takes a slow pattern over the picture back, then moves each tone by a curve that is given at nine of them. Red, green and blue
// have the same curve: light that grows makes them grow alike.
const STEPS = 8.0;

// What is added at a tone: straight between two of the nine.
fn added(v: f32) -> f32 {
    let at = clamp(v, 0.0, 1.0) * STEPS;
    var sum = params.tone_0 * hat(at, 0.0) + params.tone_1 * hat(at, 1.0) + params.tone_2 * hat(at, 2.0);
    sum += params.tone_3 * hat(at, 3.0) + params.tone_4 * hat(at, 4.0) + params.tone_5 * hat(at, 5.0);
    sum += params.tone_6 * hat(at, 6.0) + params.tone_7 * hat(at, 7.0) + params.tone_8 * hat(at, 8.0);
    return sum;
}

fn hat(at: f32, tone: f32) -> f32 {
    return max(1.0 - abs(at - tone), 0.0);
}

// The cosine of half a turn's share, 0 to 1, by the first terms of a series, the same on every device: within a ten-millionth.
fn cosine(x: f32) -> f32 {
    let z = 3.14159265 * (0.5 - x);
    let q = z * z;
    let inner = 1.0 / 120.0 + q * (-1.0 / 5040.0 + q * (1.0 / 362880.0 + q * (-1.0 / 39916800.0)));
    return z + z * q * (-1.0 / 6.0 + q * inner);
}

// The patterns are cosines with up to two half waves across and down.
fn factor(place: vec2f) -> f32 {
    let one = vec2f(cosine(place.x), cosine(place.y));
    let two = 2.0 * one * one - 1.0;
    let even = 1.0 + params.region_3 * one.y + params.region_6 * two.y;
    let once = params.region_1 + params.region_4 * one.y + params.region_7 * two.y;
    let twice = params.region_2 + params.region_5 * one.y + params.region_8 * two.y;
    return even + once * one.x + twice * two.x;
}

fn pixel(at: vec2i) -> vec4f {
    let c = image_here();
    let place = (vec2f(at) + 0.5) / vec2f(package::engine::extent);
    let v = c.rgb * factor(place);
    return vec4f(v + vec3f(added(v.r), added(v.g), added(v.b)), c.a);
}
