import super::fall::fall;
import super::level::level;

// Non-local means (Buades, Coll and Morel, 2005): the mean of pixels whose surroundings, 3 by 3 pixels of luma, are like
// those here. Noise left by the average over frames is sigma / sqrt(frames).
fn pixel(at: vec2i) -> vec4f {
    let reach = i32(params.radius);
    let c = image_here();
    let sigma = level(params.sigma);
    let noise = sigma * sigma / max(c.a, 1.0);
    // Of luma and of colour differences; 0 leaves them.
    let luma = 1.0 / max(noise * params.luma * params.luma, 1e-9);
    let chroma = 1.0 / max(noise * params.chroma * params.chroma, 1e-9);
    var sum = vec3f(0.0);
    var total = vec2f(0.0);
    for (var dy = -reach; dy <= reach; dy++) {
        for (var dx = -reach; dx <= reach; dx++) {
            let d = vec2i(dx, dy);
            var squares = 0.0;
            for (var j = -1; j <= 1; j++) {
                for (var i = -1; i <= 1; i++) {
                    let apart = image_near(d + vec2i(i, j)).r - image_near(vec2i(i, j)).r;
                    squares += apart * apart;
                }
            }
            let there = image_near(d).rgb;
            let colour = there.gb - c.gb;
            squares *= 1.0 / 9.0;
            let weight = vec2f(fall((squares * luma - 2.0) * params.slope), fall((0.25 * (squares + dot(colour, colour)) * chroma - 1.0) * params.slope));
            sum += (there - c.rgb) * weight.xyy;
            total += weight;
        }
    }
    return vec4f(c.rgb + sum / total.xyy, c.a);
}
