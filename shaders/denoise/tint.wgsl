import super::level::level;
import super::fall::fall;

// Non-local means of colour differences in a picture of half the size, where 4:2:0 has its own samples. Places are compared by
// 3 by 3 pixels, luma too. What is made is the change.
fn pixel(at: vec2i) -> vec4f {
    let reach = i32(params.radius);
    let c = image_here();
    let sigma = level(params.sigma) * params.chroma;
    // What noise makes of a squared difference: of each colour difference, and a quarter of that of luma.
    let scale = 1.0 / max(9.0 * 2.25 * sigma * sigma / max(c.a, 1.0), 1e-9);
    var sum = vec2f(0.0);
    var total = 0.0;
    for (var dy = -reach; dy <= reach; dy++) {
        for (var dx = -reach; dx <= reach; dx++) {
            let d = vec2i(dx, dy);
            var squares = 0.0;
            for (var j = -1; j <= 1; j++) {
                for (var i = -1; i <= 1; i++) {
                    let apart = image_near(d + vec2i(i, j)).rgb - image_near(vec2i(i, j)).rgb;
                    squares += dot(apart, apart);
                }
            }
            let weight = fall((squares * scale - 2.0) * params.slope);
            sum += (image_near(d).gb - c.gb) * weight;
            total += weight;
        }
    }
    return vec4f(0.0, sum / total, 1.0);
}
