// Products are this much larger, so that those of faint slopes fit half floats.
const GAIN: f32 = 64.0;

// The structure tensor of a picture: products of its slopes across, down, and of both, summed over red, green and blue
// (Di Zenzo 1986). Slopes by Scharr's filters of 3 by 3. Differences come first: they are exact where slopes are small.
fn pixel(at: vec2i) -> vec4f {
    let nw = image_near(vec2i(-1, -1)).rgb;
    let n = image_near(vec2i(0, -1)).rgb;
    let ne = image_near(vec2i(1, -1)).rgb;
    let w = image_near(vec2i(-1, 0)).rgb;
    let e = image_near(vec2i(1, 0)).rgb;
    let sw = image_near(vec2i(-1, 1)).rgb;
    let s = image_near(vec2i(0, 1)).rgb;
    let se = image_near(vec2i(1, 1)).rgb;
    let x = (3.0 * (ne - nw) + 10.0 * (e - w) + 3.0 * (se - sw)) / 32.0;
    let y = (3.0 * (sw - nw) + 10.0 * (s - n) + 3.0 * (se - ne)) / 32.0;
    return vec4f(GAIN * dot(x, x), GAIN * dot(y, y), GAIN * dot(x, y), 1.0);
}
