// The mean difference of neighbouring pixels in a square of 4 by 4, of the colour that differs most.
fn pixel(at: vec2i) -> vec4f {
    var sum = vec3f(0.0);
    for (var j = 0; j < 4; j++) {
        for (var i = 0; i < 4; i++) {
            let p = 4 * at + vec2i(i, j);
            let here = image_at(p).rgb;
            sum += abs(image_at(p + vec2i(1, 0)).rgb - here) + abs(image_at(p + vec2i(0, 1)).rgb - here);
        }
    }
    return vec4f(max(sum.r, max(sum.g, sum.b)) / 32.0);
}
