import super::burst::{burst, patch_noise};

// Blocks of a burst are not coded anew: what they showed is dragged along the motion. After a scene cut this happens to most
// of the picture, so that the new scene's motion drags the old scene's picture.
fn pixel(at: vec2i) -> vec4f {
    let block = at / i32(params.side);
    let b = burst(i32(params.period), i32(params.lasts));
    let taken = patch_noise(block, b.number) < b.strength * i32(params.bursts) / 256;
    // The old scene lets go block by block, within twice the length of a burst.
    let since = i32(round(package::engine::facts.time_in_scene * 1000.0));
    let lasts = i32(params.lasts);
    let left = clamp(512 - min(since, 2 * lasts) * 256 / lasts, 0, 256) * i32(params.stays) / 256;
    let old = params.cuts != 0.0 && patch_noise(block, 255u) < left;
    let is_new = package::engine::facts.history_valid == 0u;
    let v = motion_at(block).rg * (params.by * select(params.drag, 1.0, old));
    let there = at + select(vec2i(round(v)), vec2i(0), is_new);
    let dragged = last_at(there);
    // What was before the first frame is empty.
    let drags = ((taken && !is_new) || old) && dragged.a > 0.0;
    return vec4f(select(image_here().rgb, dragged.rgb, drags), 1.0);
}
