import package::common::transfer::light;

// The light that a signal stands for.
fn pixel(at: vec2i) -> vec4f {
    let image = image_here();
    return vec4f(light(image.rgb, params.transfer, params.gamma), image.a);
}
