import package::common::transfer::signal;

// The signal that stands for a light.
fn pixel(at: vec2i) -> vec4f {
    let image = image_here();
    return vec4f(signal(image.rgb, params.transfer, params.gamma), image.a);
}
