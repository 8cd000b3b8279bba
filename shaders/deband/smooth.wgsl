import package::common::hash::pcg3d;
import package::common::hash::triangular;

// Pairs of pixels that a place is compared with.
const PAIRS = 4;

// Takes the mean of pixels at places that differ at random, as debanding filters do since f3kdb (SAPikachu, 2011). Both pixels of
// a pair lie on opposite sides, as far away, so that a slope stays as it is; a pair with a pixel that is far from this one counts
// less, so that edges stay.
fn pixel(at: vec2i) -> vec4f {
    let here = image_here();
    let activity = activity_between((vec2f(at) + 0.5) / 4.0);
    let even = clamp(2.0 - 2.0 * activity.r / params.texture, 0.0, 1.0);
    if (even <= 0.0) {
        return here;
    }
    let reach = i32(params.reach);
    let side = u32(2 * reach + 1);
    let key = package::engine::facts.noise + 64u * u32(params.key);
    var sum = vec3f(0.0);
    for (var n = 0; n < PAIRS; n++) {
        let random = pcg3d(vec3u(vec2u(at), key + u32(n)));
        let to = vec2i(i32((random.x >> 8u) % side), i32((random.y >> 8u) % side)) - reach;
        let a = image_at(at + to).rgb - here.rgb;
        let b = image_at(at - to).rgb - here.rgb;
        let apart = max(abs(a), abs(b));
        let far = max(apart.r, max(apart.g, apart.b));
        sum += clamp(2.0 - 2.0 * far / params.threshold, 0.0, 1.0) * (a + b);
    }
    let grain = params.noise * triangular(at, 16u, key);
    return vec4f(here.rgb + even * (sum / f32(2 * PAIRS) + grain), here.a);
}
