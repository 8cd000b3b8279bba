// A pixel away from the mean of the 3 by 3 around it (binomial weights), by more the more it differs from noise, and no further beyond
// the nine than `overshoot` of their range.
fn pixel(at: vec2i) -> vec4f {
    let here = luma_near(vec2i(0, 0)).r;
    var sum = 0.0;
    var low = here;
    var high = here;
    for (var j = -1; j <= 1; j++) {
        for (var i = -1; i <= 1; i++) {
            let value = luma_near(vec2i(i, j)).r;
            sum += f32((2 - abs(i)) * (2 - abs(j))) * value;
            low = min(low, value);
            high = max(high, value);
        }
    }
    let difference = here - sum / 16.0;
    let squared = difference * difference;
    let sure = squared / max(squared + params.noise * params.noise, 1e-12);
    let beyond = params.overshoot * (high - low);
    return vec4f(clamp(here + params.amount * sure * difference, low - beyond, high + beyond));
}
