// Frames after which pigment is laid anew.
const LIFE = 48u;

// How far the pigment at this place has been carried since it was laid, in cells of the motion: red and green for one layer,
// blue and alpha for the other (advected coordinates: Bousseau, Neyret, Thollot and Salesin, 2007).
fn pixel(at: vec2i) -> vec4f {
    if (package::engine::facts.history_valid == 0u) {
        return vec4f(0.0);
    }
    let m = motion_here();
    // What stands still has no motion, whatever noise makes of it.
    let v = m.rg * (0.25 * clamp(6.0 * length(m.rg) - 0.6, 0.0, 1.0));
    let source = vec2f(at) + v;
    let base = floor(source);
    let part = source - base;
    let p = vec2i(base);
    let top = mix(last_at(p), last_at(p + vec2i(1, 0)), part.x);
    let bottom = mix(last_at(p + vec2i(0, 1)), last_at(p + vec2i(1, 1)), part.x);
    let carried = mix(top, bottom, part.y) + v.xyxy;
    let age = package::engine::facts.age % LIFE;
    let kept = select(vec2f(1.0), vec2f(0.0, 1.0), age == 0u) * select(vec2f(1.0), vec2f(1.0, 0.0), age == LIFE / 2u);
    return carried * kept.xxyy;
}
