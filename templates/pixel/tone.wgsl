// Called once for each pixel; `at` is its column and row. It returns red, green, blue and alpha, 0 to 1.
//
// This text is that of a kernel of aquatint's own, so it runs on the processor, too. After your first change it runs on a
// graphics card, or on software Vulkan where there is none.
fn pixel(at: vec2i) -> vec4f {
    let c = image_here();
    // A curve from black to white that is flat at both ends.
    let x = clamp(c.rgb, vec3f(0.0), vec3f(1.0));
    return vec4f(c.rgb + params.contrast * (x * x * (3.0 - 2.0 * x) - x), c.a);
}
