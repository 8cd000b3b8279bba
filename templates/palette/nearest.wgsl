// A threshold for the pixel at `at`, -0.5 to 0.5: an ordered pattern of 4 by 4 pixels, which stays where it is from frame to
// frame (Bayer, 1973).
fn threshold(at: vec2i) -> f32 {
    let x = at.x & 3;
    let y = at.y & 3;
    let d = x ^ y;
    let rank = ((d & 1) << 3u) | ((y & 1) << 2u) | (d & 2) | ((y & 2) >> 1u);
    return (f32(rank) + 0.5) / 16.0 - 0.5;
}

// How far two colours are apart. The eye sees differences of green most.
fn distance_of(a: vec3f, b: vec3f) -> f32 {
    let d = a - b;
    return dot(d * d, vec3f(0.299, 0.587, 0.114));
}

// The nearest of the four colours.
fn pixel(at: vec2i) -> vec4f {
    let c = image_here();
    let wanted = c.rgb + 0.25 * params.dither * threshold(at);
    let colors = array(params.darkest, params.dark, params.light, params.lightest);
    var best = colors[0];
    for (var k = 1; k < 4; k++) {
        if (distance_of(wanted, colors[k]) < distance_of(wanted, best)) {
            best = colors[k];
        }
    }
    return vec4f(best, c.a);
}
