// Fills streaks: by the mean of the frames before and after where they are alike, else by the nearest lines above and below that have
// none. Chroma is filled two lines beyond, as one sample of it covers several lines.
const BEYOND = 2;
// Lines that are sought, at most.
const REACH = 6;
// Differences of the frames before and after from which on they are not taken, and up to which they are.
const UNLIKE = 0.08;
const ALIKE = 0.04;

fn step() -> i32 {
    return select(1, 2, package::engine::facts.fields != 0u);
}

fn streak(p: vec2i) -> bool {
    return streaks_at(p).r > 0.5;
}

// Whether there is one within two lines of `p`.
fn close(p: vec2i) -> bool {
    var any = false;
    for (var j = -BEYOND; j <= BEYOND; j++) {
        any = any || streak(p + vec2i(0, j * step()));
    }
    return any;
}

// The nearest line without a streak above or below, or the last that was sought.
fn beside(at: vec2i, way: i32) -> vec4f {
    var p = at;
    for (var k = 1; k <= REACH; k++) {
        let next = at + vec2i(0, way * k * step());
        if (next.y < 0 || next.y >= package::engine::extent.y) {
            break;
        }
        p = next;
        if (!close(p)) {
            break;
        }
    }
    return image_at(0, p);
}

fn pixel(at: vec2i) -> vec4f {
    let own = image_here(0);
    if (!close(at)) {
        return own;
    }
    let before = image_here(-1);
    let after = image_here(1);
    let apart = abs(before.rgb - after.rgb);
    let unlike = max(apart.r, max(apart.g, apart.b));
    var still = clamp((UNLIKE - unlike) / (UNLIKE - ALIKE), 0.0, 1.0);
    var around = 0.5 * (before.rgb + after.rgb);
    if (!image_valid(-1) || !image_valid(1)) {
        around = select(before.rgb, after.rgb, image_valid(1));
        still = select(0.0, 0.5, image_valid(-1) || image_valid(1));
    }
    let lines = 0.5 * (beside(at, -1).rgb + beside(at, 1).rgb);
    var filled = mix(lines, around, still);
    if (!streak(at)) {
        let weights = vec3f(params.kr, 1.0 - params.kr - params.kb, params.kb);
        filled += dot(own.rgb - filled, weights);
    }
    return vec4f(filled, own.a);
}
