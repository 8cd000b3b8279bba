// The frame of film. One that begins half a frame of video before the frame that it is made of (phase -0.5; the other frames of a cycle
// have 0, 0.25 and -0.25) has its second field in the frame before.
fn pixel(at: vec2i) -> vec4f {
    let second = (at.y & 1) == i32(params.second);
    return image_here(select(0, -1, second && package::engine::facts.phase < params.earlier));
}
