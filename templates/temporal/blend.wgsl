// The picture moves towards the new frame by the share params.alpha. A scene begins with its own first frame: until then the
// history holds what was before the scene.
//
// This text is that of a kernel of aquatint's own, so it runs on the processor, too. After your first change it runs on a
// graphics card, or on software Vulkan where there is none.
fn pixel(at: vec2i) -> vec4f {
    let now = image_here();
    let before = average_here();
    let moved = before + params.alpha * (now - before);
    return select(now, moved, package::engine::facts.history_valid != 0u);
}
