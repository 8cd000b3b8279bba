// Lines along the edges of a blurred image. Across a step blurred by a Gaussian of variance s the slope L' is itself a
// Gaussian: a = L'' / L' is -distance / s, and a² - L''' / L' is 1 / s. So the distance to the edge is known to a fraction
// of a pixel, whatever the step's height and however blurred the source had it (zero crossings of the second directional
// derivative: Haralick, "Digital Step Edges", 1984). A line gets wider with the height of the step, as a pen's does with
// pressure, and its coverage of the pixel is exact.
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
    // Scharr's weights for the slopes. Differences come first: they are exact where the slope is small, so that a device
    // which fuses products and sums gets the same.
    let x = (3.0 * (ne - nw) + 10.0 * (e - w) + 3.0 * (se - sw)) / 32.0;
    let y = (3.0 * (sw - nw) + 10.0 * (s - n) + 3.0 * (se - ne)) / 32.0;
    let xx = e + w - 2.0 * here;
    let yy = n + s - 2.0 * here;
    let xy = ((se - ne) - (sw - nw)) / 4.0;
    let xxx = (luma_at(at + vec2i(2, 0)).r - luma_at(at - vec2i(2, 0)).r) / 2.0 - (e - w);
    let yyy = (luma_at(at + vec2i(0, 2)).r - luma_at(at - vec2i(0, 2)).r) / 2.0 - (s - n);
    let xxy = ((se + sw - 2.0 * s) - (ne + nw - 2.0 * n)) / 2.0;
    let xyy = ((se + ne - 2.0 * e) - (sw + nw - 2.0 * w)) / 2.0;
    let square = max(x * x + y * y, 1e-8);
    let slope = sqrt(square);
    let share = 1.0 / (square * square);
    let second = (x * x * xx + 2.0 * x * y * xy + y * y * yy) * (slope * share);
    let third = (x * x * (x * xxx + 3.0 * y * xxy) + y * y * (3.0 * x * xyy + y * yyy)) * share;
    // No edge is sharper than the blur; what is five times softer is shading.
    let inverse = clamp(second * second - third, 0.04 / params.variance, 1.0 / params.variance);
    let away = second / inverse;
    // The step's height, from the slope at this distance: exp by its series, for distances that matter. Soft edges count
    // for less than their height.
    let t = min(0.5 * second * away, 1.0);
    let step = slope * sqrt(6.2831855 * params.variance) * (1.0 + t * (1.0 + t * (0.5 + t * 0.16666667)));
    let pressure = clamp((step - params.threshold) * 6.6666665, 0.0, 1.0);
    let reach = 0.5 * params.width * pressure;
    return vec4f(max(min(away + 0.5, reach) - max(away - 0.5, -reach), 0.0));
}
