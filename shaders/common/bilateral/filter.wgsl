import package::common::border::reflect;

// exp(-t) as (1 - t/16)^16: no transcendental function for each of the taps.
fn falloff(t: f32) -> f32 {
    let a = max(1.0 - t * 0.0625, 0.0);
    let b = a * a;
    let c = b * b;
    let d = c * c;
    return d * d;
}

// Weights are Gaussians of the distance in the plane and of the L1 distance in colour; reflect-101 at the borders.
fn pixel(at: vec2i) -> vec4f {
    let centre = image_here();
    let radius = i32(params.radius);
    let space = 0.5 / (params.sigma_space * params.sigma_space);
    let deviation = params.sigma_color / 255.0;
    let colour = 0.5 / (deviation * deviation);
    let size = image_extent();
    var sum = vec3f(0.0);
    var total = 0.0;
    for (var dy = -radius; dy <= radius; dy++) {
        for (var dx = -radius; dx <= radius; dx++) {
            let square = dx * dx + dy * dy;
            if (square > radius * radius) {
                continue;
            }
            let p = vec2i(reflect(at.x + dx, size.x), reflect(at.y + dy, size.y));
            let tap = image_at(p).rgb;
            let apart = abs(tap - centre.rgb);
            let distance = apart.r + apart.g + apart.b;
            let weight = exp(-f32(square) * space) * falloff(distance * distance * colour);
            sum += weight * tap;
            total += weight;
        }
    }
    return vec4f(sum / total, centre.a);
}
