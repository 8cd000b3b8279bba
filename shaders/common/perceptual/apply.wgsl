// The least that is left of a deviation.
const LEAST: f32 = 0.25;

// The mean of what the nine windows about a pixel make of it: their mean, and the difference from it as strong as it was.
fn pixel(at: vec2i) -> vec4f {
    let here = image_here();
    var sum = vec3f(0.0);
    for (var j = -1; j < 2; j++) {
        for (var i = -1; i < 2; i++) {
            let w = f32((2 - abs(i)) * (2 - abs(j))) / 16.0;
            let window = windows_near(vec2i(i, j));
            sum += w * (window.rgb + (here.rgb - window.rgb) / max(window.a, LEAST));
        }
    }
    return vec4f(sum, here.a);
}
