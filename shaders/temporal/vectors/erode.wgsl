// What is not sure takes its neighbours along: its border lies somewhere inside them.
fn pixel(at: vec2i) -> vec4f {
    var sure = 1.0;
    for (var y = -1; y <= 1; y++) {
        for (var x = -1; x <= 1; x++) {
            sure = min(sure, picked_at(at + vec2i(x, y)).b);
        }
    }
    return vec4f(picked_at(at).rg, sure, 1.0);
}
