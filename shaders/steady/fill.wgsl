import super::cubic::offset;

// Pixels over which a frame and what stood there before are mixed at most, at the frame's border.
const SOFT: f32 = 8.0;

// What lies beyond the borders of a moved frame is taken from the picture before, which moves with the camera. At the beginning
// of a scene it stays as it is.
fn pixel(at: vec2i) -> vec4f {
    let own = image_here();
    let size = vec2f(package::engine::extent);
    let d = offset(at, package::engine::extent, params.real, params.imaginary, vec2f(params.shift_x, params.shift_y));
    let here = vec2f(at) + 0.5;
    let place = here + d;
    // How far inside the frame the pixel is read, and how much nearer to its border than it lies itself.
    let inside = min(place, size - place);
    let lost = max(min(here, size - here) - inside, vec2f(0.0));
    let room = inside / max(min(2.0 * lost, vec2f(SOFT)), vec2f(0.001));
    let share = clamp(min(room.x, room.y), 0.0, 1.0);
    if (package::engine::facts.history_valid == 0u || share >= 1.0) {
        return own;
    }
    let before = last_between(here - vec2f(params.pan_x, params.pan_y));
    return before + (own - before) * share;
}
