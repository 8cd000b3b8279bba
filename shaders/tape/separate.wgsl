// Luma, and the colour differences that lie so many pixels to the right and so many lines below, by Catmull and Rom's cubic.
fn weights(t: f32) -> vec4f {
    return vec4f(t * (-0.5 + t * (1.0 - 0.5 * t)), 1.0 + t * t * (1.5 * t - 2.5), t * (0.5 + t * (2.0 - 1.5 * t)), t * t * (0.5 * t - 0.5));
}

fn luma(c: vec3f) -> f32 {
    return dot(c, vec3f(params.kr, 1.0 - params.kr - params.kb, params.kb));
}

fn pixel(at: vec2i) -> vec4f {
    let own = image_here();
    let by = vec2f(params.right, params.down);
    let first = floor(by);
    let across = weights(by.x - first.x);
    let down = weights(by.y - first.y);
    var there = vec3f(0.0);
    for (var j = 0; j < 4; j++) {
        var sum = vec3f(0.0);
        for (var i = 0; i < 4; i++) {
            sum += across[i] * image_at(at + vec2i(first) + vec2i(i - 1, j - 1)).rgb;
        }
        there += down[j] * sum;
    }
    let y = luma(there);
    let cb = 0.5 * (there.b - y) / (1.0 - params.kb);
    let cr = 0.5 * (there.r - y) / (1.0 - params.kr);
    return vec4f(luma(own.rgb), cb, cr, own.a);
}
