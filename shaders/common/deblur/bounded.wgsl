// The estimate, no further beyond the 3 by 3 of the source around than `overshoot` of their range: so it does not ring.
fn pixel(at: vec2i) -> vec4f {
    var low = luma_near(vec2i(0, 0)).r;
    var high = low;
    for (var j = -1; j <= 1; j++) {
        for (var i = -1; i <= 1; i++) {
            let value = luma_near(vec2i(i, j)).r;
            low = min(low, value);
            high = max(high, value);
        }
    }
    let beyond = params.overshoot * (high - low);
    return vec4f(clamp(estimate_here().r, low - beyond, high + beyond));
}
