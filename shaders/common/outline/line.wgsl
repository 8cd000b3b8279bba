// Lines along the edges of a blurred image. Across a step blurred by a Gaussian of variance s the slope L' is itself a
// Gaussian, so that L'' / L' = -distance / s: the distance to the edge, to a fraction of a pixel, whatever the step's
// height (after Haralick, "Digital Step Edges from Zero Crossing of Second Directional Derivatives", 1984). The line's
// width grows with the height of the step, as a pen's does with pressure, and its coverage of the pixel is exact.
fn pixel(at: vec2i) -> vec4f {
    let nw = luma_at(at + vec2i(-1, -1)).r;
    let n = luma_at(at + vec2i(0, -1)).r;
    let ne = luma_at(at + vec2i(1, -1)).r;
    let w = luma_at(at + vec2i(-1, 0)).r;
    let here = luma_at(at).r;
    let e = luma_at(at + vec2i(1, 0)).r;
    let sw = luma_at(at + vec2i(-1, 1)).r;
    let s = luma_at(at + vec2i(0, 1)).r;
    let se = luma_at(at + vec2i(1, 1)).r;
    // Scharr's weights for the slopes.
    let x = ((3.0 * ne + 10.0 * e + 3.0 * se) - (3.0 * nw + 10.0 * w + 3.0 * sw)) / 32.0;
    let y = (3.0 * (sw - nw) + 10.0 * (s - n) + 3.0 * (se - ne)) / 32.0;
    let xx = e + w - 2.0 * here;
    let yy = n + s - 2.0 * here;
    let xy = ((se - ne) - (sw - nw)) / 4.0;
    let slope_squared = x * x + y * y;
    let slope = sqrt(slope_squared);
    let bend = x * x * xx + 2.0 * x * y * xy + y * y * yy;
    let away = params.variance * bend / max(slope_squared * slope, 1e-9);
    // The step's height, from the slope at this distance: exp by its series, for distances that matter.
    let t = min(away * away / (2.0 * params.variance), 1.0);
    let step = slope * sqrt(6.2831855 * params.variance) * (1.0 + t * (1.0 + t * (0.5 + t / 6.0)));
    let pressure = clamp((step - params.threshold) / 0.15, 0.0, 1.0);
    let reach = 0.5 * params.width * pressure;
    return vec4f(max(min(away + 0.5, reach) - max(away - 0.5, -reach), 0.0));
}
