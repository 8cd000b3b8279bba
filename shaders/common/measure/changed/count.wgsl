// Pixels that were changed by at least so many codes of eight bits, in any channel.

// Pixels of a row that are counted together, so that few additions wait for each other.
const TOGETHER = 64;

fn code(rgb: vec3f) -> vec3i {
    return vec3i(round(clamp(rgb, vec3f(0.0), vec3f(1.0)) * 255.0));
}

fn apart(p: vec2i) -> i32 {
    let by = abs(code(before_at(p).rgb) - code(after_at(p).rgb));
    return max(by.r, max(by.g, by.b));
}

fn clear(at: vec2i) {
    words_store(0, 0u);
}

fn count(at: vec2i) {
    let begin = TOGETHER * at.x;
    var changed = 0u;
    for (var x = begin; x < min(begin + TOGETHER, before_extent().x); x++) {
        let p = vec2i(x, at.y);
        changed += select(0u, 1u, apart(p) >= i32(params.least));
    }
    words_add(0, changed);
}
