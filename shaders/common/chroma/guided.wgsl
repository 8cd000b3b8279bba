// Variances below this are noise: that of one code of 8 bits, and a little more.
const NOISE = 2e-5;
// The most that is taken from luma.
const MOST = 0.8;

// Weights of four samples for a place `t` after the second: Catmull and Rom's cubic.
fn cubic(t: f32) -> vec4f {
    return vec4f(t * (-0.5 + t * (1.0 - 0.5 * t)), 1.0 + t * t * (1.5 * t - 2.5), t * (0.5 + t * (2.0 - 1.5 * t)), t * t * (0.5 * t - 0.5));
}

// The same of a cubic B-spline, times 6; none is negative.
fn spline(t: f32) -> vec4f {
    let s = 1.0 - t;
    return vec4f(s * s * s, 4.0 - 3.0 * t * t * (2.0 - t), 4.0 - 3.0 * s * s * (2.0 - s), t * t * t);
}

// Where an output pixel lies among the samples along an axis: the second of four, and how far after it.
struct Place {
    base: i32,
    after: f32,
}

// Of output pixel `at` of `made`, where the source has `count`. In whole numbers, as a place may be that of a sample.
fn place(at: i32, made: i32, count: f32, step: f32, siting: f32) -> Place {
    let over = 2 * made * i32(1.0 / step);
    // At least -3 · made; made positive for the division.
    let position = (2 * at + 1) * i32(count) - (1 + i32(2.0 * siting)) * made + over;
    return Place(position / over - 1, f32(position % over) / f32(over));
}

// Colour differences at a place between samples: by a cubic, and as far as they go with luma in the 4 by 4 around, as luma goes there
// (chroma from luma). They stay between those of the 4 by 4. And the picture that they and the luma make (H.273 equations 38 to 40).
fn pixel(at: vec2i) -> vec4f {
    let made = package::engine::extent;
    let x = place(at.x, made.x, params.columns, params.step_x, params.siting_x);
    let y = place(at.y, made.y, params.rows, params.step_y, params.siting_y);
    let first = vec2i(x.base, y.base) - 1;
    let across = cubic(x.after);
    let down = cubic(y.after);
    let near_x = spline(x.after) / 6.0;
    let near_y = spline(y.after) / 6.0;
    var plain = vec2f(0.0);
    var mean = vec3f(0.0);
    var squares = vec3f(0.0);
    var products = vec2f(0.0);
    var low = vec2f(1e9);
    var high = vec2f(-1e9);
    for (var j = 0; j < 4; j++) {
        for (var i = 0; i < 4; i++) {
            let value = samples_at(first + vec2i(i, j)).rgb;
            let share = near_x[i] * near_y[j];
            plain += across[i] * down[j] * value.yz;
            mean += share * value;
            squares += share * value * value;
            products += share * value.x * value.yz;
            low = min(low, value.yz);
            high = max(high, value.yz);
        }
    }
    let luma = luma_here().r;
    let variance = max(squares - mean * mean, vec3f(0.0));
    let along = products - mean.x * mean.yz;
    let sure = along * along / ((variance.x + NOISE) * (variance.yz + NOISE));
    let guided = mean.yz + along / (variance.x + NOISE) * (luma - mean.x);
    let chroma = clamp(mix(plain, guided, MOST * sure * sure), low, high);
    let r = luma + 2.0 * (1.0 - params.kr) * chroma.y;
    let b = luma + 2.0 * (1.0 - params.kb) * chroma.x;
    let g = (luma - params.kr * r - params.kb * b) / (1.0 - params.kr - params.kb);
    return vec4f(r, g, b, 1.0);
}
