// The mean of what the windows about a pixel make of its luma.
fn pixel(at: vec2i) -> vec4f {
    return vec4f(slopes_here().r * (luma_here().r - 0.5) + rests_here().r + 0.5);
}
