import package::common::hash::pcg3d;

// A burst: its number, and how strong it is now, 0 to 256.
struct Burst {
    number: u32,
    strength: i32,
}

// Time since the stream's start, in whole milliseconds: what is decided by whole numbers is the same on every device.
fn now() -> i32 {
    return i32(round(package::engine::facts.time * 1000.0));
}

// There is one burst in each `period`, somewhere in it. It comes up in 80 ms and goes in its last third.
fn burst(period: i32, lasts: i32) -> Burst {
    let time = max(now(), 0);
    let number = u32(time / period);
    let begin = i32(pcg3d(vec3u(number, package::engine::facts.seed, 1u)).x % u32(period - lasts + 1));
    let since = time % period - begin;
    let rises = since * 256 / 80 + 64;
    let falls = (lasts - since) * 256 / max(lasts / 3, 1);
    let on = since >= 0 && since < lasts;
    return Burst(number, select(0, clamp(min(rises, falls), 0, 256), on));
}

// Noise from 0 to 255 for a block: blocks that lie together mostly have it in common.
fn patch_noise(block: vec2i, number: u32) -> i32 {
    let seed = package::engine::facts.seed ^ (number << 8u);
    let wide = pcg3d(vec3u(vec2u(block / vec2i(6, 3)), seed));
    let own = pcg3d(vec3u(vec2u(block), seed + 1u));
    return i32((3u * (wide.x >> 24u) + (own.x >> 24u)) / 4u);
}
