import package::common::hash::pcg3d;
import super::taps::Taps;
import super::taps::REACH;
import super::taps::reach;
import super::taps::tap;

// White noise of mean 0 and deviation 1, for each of three numbers: the sum of four bytes, nearly normal.
fn white(p: vec2i) -> vec3f {
    let h = pcg3d(vec3u(vec2u(p), package::engine::facts.noise));
    let sum = (h & vec3u(255u)) + ((h >> vec3u(8u)) & vec3u(255u)) + ((h >> vec3u(16u)) & vec3u(255u)) + (h >> vec3u(24u));
    return (vec3f(sum) - 510.0) / 147.80054;
}

// Grain is white noise through a filter with the square root of its spectrum, first across. Colours are twice as coarse.
fn pixel(at: vec2i) -> vec4f {
    let taps = Taps(1.0, params.across_1, params.across_2, params.across_3, params.across_4, params.across_5, 0.0, 0.0, 0.0, 0.0);
    let larger = max(params.larger, 0.01);
    let far = reach(larger * (1.0 + params.colours));
    var sum = vec3f(0.0);
    var power = vec2f(0.0);
    for (var k = -far; k <= far; k++) {
        let u = abs(f32(k)) / larger;
        let weight = vec2f(tap(taps, u), tap(taps, 0.5 * u));
        power += weight * weight;
        sum += weight.xyy * white(at + vec2i(k, 0));
    }
    return vec4f(sum / sqrt(power).xyy, 1.0);
}
