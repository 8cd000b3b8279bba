// Slopes of the softened steepness below this are faint: pixels move by less than half as far as they may.
const FAINT = 0.01;

// Each pixel as it is further away from the middle of an edge or a line, by at most `amount` times `width` (Arad and Gotsman,
// "Enhancement by image-dependent warping", 1999). Where both sides of a line have run together in the softened steepness, its middle
// is that of the line, and the line gets thinner. The darkest around keeps its value, so that thin lines do not fade.
fn pixel(at: vec2i) -> vec4f {
    let nw = soft_near(vec2i(-1, -1)).r;
    let n = soft_near(vec2i(0, -1)).r;
    let ne = soft_near(vec2i(1, -1)).r;
    let w = soft_near(vec2i(-1, 0)).r;
    let e = soft_near(vec2i(1, 0)).r;
    let sw = soft_near(vec2i(-1, 1)).r;
    let s = soft_near(vec2i(0, 1)).r;
    let se = soft_near(vec2i(1, 1)).r;
    let slope = vec2f(ne - nw + 2.0 * (e - w) + se - sw, sw - nw + 2.0 * (s - n) + se - ne) / 8.0;
    let away = params.amount * params.width / (sqrt(dot(slope, slope)) + FAINT);
    let moved = luma_between(vec2f(at) + 0.5 - away * slope).r;
    let here = luma_near(vec2i(0, 0)).r;
    var low = here;
    var high = here;
    for (var j = -1; j <= 1; j++) {
        for (var i = -1; i <= 1; i++) {
            let value = luma_near(vec2i(i, j)).r;
            low = min(low, value);
            high = max(high, value);
        }
    }
    let share = min(2.0 * (here - low) / max(high - low, 1e-6), 1.0);
    return vec4f(here + share * (moved - here));
}
