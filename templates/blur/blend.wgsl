// Called once for each pixel. first_here() is the source here, second_here() the blurred picture here; params.amount is what
// the pass sets in style.toml.
//
// This text is that of a kernel of aquatint's own, so it runs on the processor, too. After your first change it runs on a
// graphics card, or on software Vulkan where there is none.
fn pixel(at: vec2i) -> vec4f {
    return mix(first_here(), second_here(), params.amount);
}
