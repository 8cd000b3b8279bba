import super::taps::Taps;
import super::taps::REACH;
import super::taps::reach;
import super::taps::tap;
import super::tones::Levels;
import super::tones::deviation;

// Filters the noise down, and lays it over the picture, by tone.
fn pixel(at: vec2i) -> vec4f {
    let taps = Taps(1.0, params.down_1, params.down_2, params.down_3, params.down_4, params.down_5, 0.0, 0.0, 0.0, 0.0);
    let larger = max(params.larger, 0.01);
    let colours = select(0.0, 1.0, max(params.red, params.blue) > 0.0);
    let far = reach(larger * (1.0 + colours));
    var sum = vec3f(0.0);
    var power = vec2f(0.0);
    for (var k = -far; k <= far; k++) {
        let u = abs(f32(k)) / larger;
        let weight = vec2f(tap(taps, u), tap(taps, 0.5 * u));
        power += weight * weight;
        sum += weight.xyy * field_at(at + vec2i(0, REACH + k)).rgb;
    }
    let c = image_here();
    let kg = 1.0 - params.kr - params.kb;
    let tone = params.kr * c.r + kg * c.g + params.kb * c.b;
    let levels = Levels(params.level_1, params.level_2, params.level_3, params.level_4, params.level_5, params.level_6, params.level_7, params.level_8);
    let grain = deviation(levels, tone) * sum / sqrt(power).xyy;
    let red = params.red * grain.y;
    let blue = params.blue * grain.z;
    // Colours that leave luma as it is.
    let green = -(params.kr * red + params.kb * blue) / max(kg, 0.01);
    return vec4f(c.rgb + grain.x + vec3f(red, green, blue), c.a);
}
