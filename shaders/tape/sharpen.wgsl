// Makes smeared colour differences steep again. What a second smear takes from them is given back (P. van Cittert, 1931). And where
// they go along with the smeared luma, half as much is added as luma itself goes on: a regression of both. They stay between those
// around, so that nothing overshoots.

// A variance below this is noise.
const NOISE = 4e-5;
// What is added by luma.
const SHARE = 0.5;

fn pixel(at: vec2i) -> vec4f {
    let own = colour_here();
    let soft = soft_here().xyz;
    let reach = i32(ceil(2.0 * params.deviation));
    // From here on as differences from the middle, whose squares keep their digits.
    let middle = vec3f(soft.x, own.yz);
    var mean = vec3f(0.0);
    var squares = vec3f(0.0);
    var products = vec2f(0.0);
    var low = own.yz;
    var high = own.yz;
    for (var x = -reach; x <= reach; x++) {
        let p = at + vec2i(x, 0);
        let value = vec3f(soft_at(p).r, colour_at(p).yz) - middle;
        mean += value;
        squares += value * value;
        products += value.x * value.yz;
        low = min(low, colour_at(p).yz);
        high = max(high, colour_at(p).yz);
    }
    let count = f32(2 * reach + 1);
    mean /= count;
    let variance = max(squares / count - mean * mean, vec3f(0.0));
    let along = products / count - mean.x * mean.yz;
    let sure = along * along / ((variance.x + NOISE) * (variance.yz + 0.25 * NOISE));
    let more = sure * along / (variance.x + NOISE) * (own.x - soft.x);
    return vec4f(own.x, clamp(2.0 * own.yz - soft.yz + SHARE * more, low, high), own.w);
}
