import super::burst::{burst, now, patch_noise};
import package::common::hash::pcg3d;

// Lines are torn, blocks moved and coarsely coded, red and blue come apart.
fn pixel(at: vec2i) -> vec4f {
    let side = i32(params.side);
    let extent = image_extent();
    let b = burst(i32(params.period), i32(params.lasts));
    let force = b.strength * i32(params.bursts) / 256;
    let tear = i32(params.tear);
    let seed = package::engine::facts.seed;
    // What is torn changes six times a second.
    let tick = u32(now() / 160);
    let block = at / side;
    var p = at;
    let strip = pcg3d(vec3u(u32(2 * at.y / side), tick, seed + 2u));
    if (i32(strip.x >> 24u) < force / 3) {
        p.x += (i32(strip.y % u32(2 * tear + 1)) - tear) * b.strength / 256;
    }
    let group = block / vec2i(5, 2);
    let moved = pcg3d(vec3u(vec2u(group), tick / 2u * 256u + seed + 3u));
    if (i32(moved.x >> 24u) < force / 8) {
        p += vec2i(i32(moved.y % 9u) - 4, i32(moved.z % 3u) - 1) * max(tear / 3, 1);
    }
    let coarse = patch_noise(block + 1024, b.number) < force / 2;
    if (coarse) {
        let half = side / 2;
        p = p / half * half + half / 2;
    }
    p.x = (p.x % extent.x + extent.x) % extent.x;
    let apart = i32(params.shift) * max(b.strength, 52) / 256;
    var c = vec3f(image_at(p - vec2i(apart, 0)).r, image_at(p).g, image_at(p + vec2i(apart, 0)).b);
    if (coarse) {
        c = round(c * params.levels) / params.levels;
    }
    return vec4f(c, 1.0);
}
