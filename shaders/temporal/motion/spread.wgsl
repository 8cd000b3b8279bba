// What moved takes its neighbours along: its border lies somewhere inside them.
fn pixel(at: vec2i) -> vec4f {
    var most = 0.0;
    for (var y = -1; y <= 1; y++) {
        for (var x = -1; x <= 1; x++) {
            most = max(most, activity_at(at + vec2i(x, y)).r);
        }
    }
    return vec4f(most);
}
