// Added to variances: a quarter of a code of 8 bits, squared. Where both are less, nothing changes.
const FLOOR: f32 = 1e-6;
// The least that is left of a deviation. Where fine texture has become flat, nothing is there that could grow.
const LEAST: f32 = 0.25;

// Of the window of 3 by 3 about a pixel, by binomial weights: the mean colour, and in alpha how much is left of the deviation that
// luma had before the picture shrank, 0.25 to 1.
fn pixel(at: vec2i) -> vec4f {
    var mean = vec3f(0.0);
    // Of luma about the middle, where sums are most exact: mean, mean of squares, mean of squares before.
    var sums = vec3f(0.0);
    for (var j = -1; j < 2; j++) {
        for (var i = -1; i < 2; i++) {
            let w = f32((2 - abs(i)) * (2 - abs(j))) / 16.0;
            let level = level_near(vec2i(i, j)).r - 0.5;
            mean += w * image_near(vec2i(i, j)).rgb;
            sums += w * vec3f(level, level * level, squares_near(vec2i(i, j)).r);
        }
    }
    let square = sums.x * sums.x;
    let now = max(sums.y - square, 0.0) + FLOOR;
    let before = max(sums.z - square, 0.0) + FLOOR;
    let left = clamp(sqrt(now / before), LEAST, 1.0);
    return vec4f(mean, left / (left + params.amount * (1.0 - left)));
}
