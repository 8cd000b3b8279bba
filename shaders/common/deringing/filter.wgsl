import package::common::power::falloff;

// The steepest difference, 0 to 1, that is smoothed, for an amount of 1.
const MOST = 0.06;
// Where luma goes as far as this within the window, all of that is smoothed; elsewhere less, but at least LEAST of it.
const EDGE = 0.35;
const LEAST = 0.15;
// Half the inverse of the variance in the plane, of a deviation of 1.5 pixels.
const NEAR = 0.22222222;

// A bilateral filter of 5 by 5 (Tomasi and Manduchi, 1998) whose range is wider where luma goes far: ringing lies beside edges, and
// is the stronger the stronger they are; elsewhere fine differences are texture.
fn pixel(at: vec2i) -> vec4f {
    let here = luma_near(vec2i(0, 0)).r;
    var low = here;
    var high = here;
    for (var j = -2; j <= 2; j++) {
        for (var i = -2; i <= 2; i++) {
            let value = luma_near(vec2i(i, j)).r;
            low = min(low, value);
            high = max(high, value);
        }
    }
    let deviation = params.amount * MOST * clamp((high - low) / EDGE, LEAST, 1.0);
    let scale = 0.5 / (deviation * deviation);
    var sum = 0.0;
    var total = 0.0;
    for (var j = -2; j <= 2; j++) {
        for (var i = -2; i <= 2; i++) {
            let value = luma_near(vec2i(i, j)).r;
            let apart = value - here;
            let weight = falloff(NEAR * f32(i * i + j * j)) * falloff(apart * apart * scale);
            sum += weight * value;
            total += weight;
        }
    }
    return vec4f(sum / total);
}
