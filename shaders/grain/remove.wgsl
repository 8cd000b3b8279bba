import super::tones::Levels;
import super::tones::deviation;

// Toward the mean of 5 by 5 pixels, as far as luma varies there no more than grain does (Lee: "Digital image enhancement and
// noise filtering by use of local statistics", 1980).
fn pixel(at: vec2i) -> vec4f {
    let c = image_here();
    let weights = vec3f(params.kr, 1.0 - params.kr - params.kb, params.kb);
    var sum = vec3f(0.0);
    var squares = 0.0;
    for (var y = -2; y <= 2; y++) {
        for (var x = -2; x <= 2; x++) {
            let apart = image_near(vec2i(x, y)).rgb - c.rgb;
            let luma = dot(weights, apart);
            sum += apart;
            squares += luma * luma;
        }
    }
    let mean = sum / 25.0;
    let shift = dot(weights, mean);
    let varies = max(squares / 25.0 - shift * shift, 0.0);
    let levels = Levels(params.level_1, params.level_2, params.level_3, params.level_4, params.level_5, params.level_6, params.level_7, params.level_8);
    let grain = deviation(levels, dot(weights, c.rgb) + shift);
    let share = clamp(grain * grain / max(varies, 1e-7), 0.0, 1.0);
    return vec4f(c.rgb + share * mean, c.a);
}
