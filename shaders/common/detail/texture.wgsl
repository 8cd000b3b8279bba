// Luma further from its base (He, Sun, Tang: "Guided image filtering", 2013), by more the more its difference from it, in the
// 3 by 3 around (binomial weights), is above noise, and no further beyond the nine than `overshoot` of their range.
fn pixel(at: vec2i) -> vec4f {
    let here = luma_near(vec2i(0, 0)).r;
    var sum = 0.0;
    var low = here;
    var high = here;
    for (var j = -1; j <= 1; j++) {
        for (var i = -1; i <= 1; i++) {
            let value = luma_near(vec2i(i, j)).r;
            let difference = value - base_near(vec2i(i, j)).r;
            sum += f32((2 - abs(i)) * (2 - abs(j))) * difference * difference;
            low = min(low, value);
            high = max(high, value);
        }
    }
    let variance = sum / 16.0;
    let squared = variance * variance;
    let noise = 2.0 * params.noise * params.noise;
    let sure = squared / max(squared + noise * noise, 1e-20);
    let beyond = params.overshoot * (high - low);
    let made = here + params.amount * sure * (here - base_near(vec2i(0, 0)).r);
    return vec4f(clamp(made, low - beyond, high + beyond));
}
