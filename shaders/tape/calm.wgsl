import package::common::power::falloff;

// Averages colour differences over places and frames around whose luma and colour are alike (a joint bilateral filter).
const PIXELS = 8;
const LINES = 4;
const APART = 2;
// Deviation of luma that is alike.
const LUMA = 0.03;
// Of colour, in deviations of the noise.
const COLOUR = 3.0;

fn pixel(at: vec2i) -> vec4f {
    let own = colour_here(0);
    let steep = vec2f(0.5 / (LUMA * LUMA), 0.5 / (COLOUR * COLOUR * params.noise * params.noise + 1e-8));
    var sum = vec3f(own.yz, 1.0);
    for (var k = -1; k <= 1; k++) {
        if (!colour_valid(k)) {
            continue;
        }
        for (var j = -LINES; j <= LINES; j += APART) {
            for (var i = -PIXELS; i <= PIXELS; i += APART) {
                let there = colour_at(k, at + vec2i(i, j)).xyz;
                let apart = there - own.xyz;
                let weight = falloff(apart.x * apart.x * steep.x + dot(apart.yz, apart.yz) * steep.y);
                sum += weight * vec3f(there.yz, 1.0);
            }
        }
    }
    return vec4f(own.x, sum.xy / sum.z, own.w);
}
