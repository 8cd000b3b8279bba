import package::common::power::power;

// Light falls off with the fourth power of the distance from the centre, 1 in the corners; a signal that is a power of
// light is multiplied by that power of the factor.
fn pixel(at: vec2i) -> vec4f {
    let c = image_here();
    let size = vec2f(image_extent());
    let p = (2.0 * vec2f(at) + 1.0 - size) / size;
    let r = params.across * p.x * p.x + (1.0 - params.across) * p.y * p.y;
    let light = 1.0 - params.vignette_strength * r * r;
    return vec4f(c.rgb * power(light, 1.0 / params.gamma), c.a);
}
