import package::common::power::falloff;

// Weights are Gaussians of the distance in the plane and of the L1 distance in colour; reflect-101 at the borders.
fn pixel(at: vec2i) -> vec4f {
    let centre = image_here();
    let radius = i32(params.radius);
    let space = 0.5 / (params.sigma_space * params.sigma_space);
    let deviation = params.sigma_color / 255.0;
    let colour = 0.5 / (deviation * deviation);
    var sum = vec3f(0.0);
    var total = 0.0;
    for (var dy = -radius; dy <= radius; dy++) {
        // The columns of the circle in this row. Half a unit more: a square root may be a little too small.
        let half = i32(sqrt(f32(radius * radius - dy * dy) + 0.5));
        let row = exp(-f32(dy * dy) * space);
        for (var dx = -half; dx <= half; dx++) {
            let tap = image_mirrored(vec2i(dx, dy)).rgb;
            let apart = abs(tap - centre.rgb);
            let distance = apart.r + apart.g + apart.b;
            let weight = row * exp(-f32(dx * dx) * space) * falloff(distance * distance * colour);
            sum += weight * tap;
            total += weight;
        }
    }
    return vec4f(sum / total, centre.a);
}
