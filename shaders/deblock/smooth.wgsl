import super::grid::border;
import super::grid::nearest;

// How much higher than elsewhere the steps at borders of a frame must be for them to be smoothed at all, and for all of it.
const NONE = 1.1;
const ALL = 1.3;

fn share() -> f32 {
    let higher = f32(sums_word(0)) / max(f32(sums_word(1)), 1.0);
    return select(1.0, clamp((higher - NONE) / (ALL - NONE), 0.0, 1.0), params.measured > 0.5);
}

// What a step is higher than the slope and the texture on both sides explain is spread over three pixels on each side, as filters
// of H.264 do (List, Joch, Lainema, Bjøntegaard and Karczewicz: "Adaptive deblocking filter", 2003), but without thresholds that
// are known to a decoder alone: the share falls with the step from `limit` on.
fn pixel(at: vec2i) -> vec4f {
    let here = image_near(vec2i(0, 0));
    let grid = i32(params.grid);
    let first = i32(params.first);
    let downwards = params.down > 0.5;
    let along = select(vec2i(1, 0), vec2i(0, 1), downwards);
    let x = select(at.x, at.y, downwards);
    let length = select(package::engine::extent.x, package::engine::extent.y, downwards);
    let place = border(nearest(x, grid, first), grid, first);
    let behind = x >= place;
    let far = select(place - 1 - x, x - place, behind);
    if (far > 2 || place < 1 || place >= length) {
        return here;
    }
    let to = (place - x) * along;
    let p3 = image_near(to - 4 * along).rgb;
    let p2 = image_near(to - 3 * along).rgb;
    let p1 = image_near(to - 2 * along).rgb;
    let p0 = image_near(to - along).rgb;
    let q0 = image_near(to).rgb;
    let q1 = image_near(to + along).rgb;
    let q2 = image_near(to + 2 * along).rgb;
    let q3 = image_near(to + 3 * along).rgb;
    let high = (q0 - p0) - 0.25 * ((p0 - p2) + (q2 - q0));
    let texture = abs(p0 - p1) + abs(p1 - p2) + abs(p2 - p3) + abs(q0 - q1) + abs(q1 - q2) + abs(q2 - q3);
    let over = max(abs(high) - params.texture / 6.0 * texture, vec3f(0.0));
    let held = over * clamp(2.0 - over / params.limit, vec3f(0.0), vec3f(1.0)) * share();
    let part = select(select(0.0625, 0.1875, far == 1), 0.375, far == 0);
    let by = sign(high) * held * select(part, -part, behind);
    return vec4f(here.rgb + by, here.a);
}
