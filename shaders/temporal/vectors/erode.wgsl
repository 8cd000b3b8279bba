// What is not sure takes its neighbours along: its border lies somewhere inside them. So does the border between what moves
// apart: vectors that differ by half a pixel are as good as equal there, and from 1.5 on one of them is wrong. Where there is
// little to be seen, that does not matter.
fn pixel(at: vec2i) -> vec4f {
    let here = picked_at(at);
    let v = here.rg;
    var sure = 1.0;
    var apart = 0.0;
    for (var y = -1; y <= 1; y++) {
        for (var x = -1; x <= 1; x++) {
            let near = picked_at(at + vec2i(x, y));
            sure = min(sure, near.b);
            apart = max(apart, max(abs(near.r - v.x), abs(near.g - v.y)));
        }
    }
    return vec4f(v, sure * clamp(1.5 - apart * here.a, 0.0, 1.0), 1.0);
}
