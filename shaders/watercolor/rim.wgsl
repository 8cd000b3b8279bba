// The wash, run into its surroundings where it is soft; in place of alpha how much pigment gathers at its rims.
fn pixel(at: vec2i) -> vec4f {
    let c = wash_here().rgb;
    let x = wash_at(at + vec2i(1, 0)).rgb - wash_at(at - vec2i(1, 0)).rgb;
    let y = wash_at(at + vec2i(0, 1)).rgb - wash_at(at - vec2i(0, 1)).rgb;
    let slope = sqrt(dot(x, x) + dot(y, y));
    // A rim lies on the darker side: where the wash is darker than its surroundings.
    let soft = soft_here().rgb;
    let darker = clamp(dot(soft - c, vec3f(0.299, 0.587, 0.114)) * 8.0 + 0.35, 0.0, 1.0);
    let rim = clamp(slope * 2.0 - 0.06, 0.0, 1.0) * darker;
    let apart = c - soft;
    let runs = params.wetness * clamp(1.0 - 14.0 * dot(apart, apart) / 0.25, 0.0, 1.0) * clamp(1.0 - 4.0 * slope, 0.0, 1.0);
    return vec4f(mix(c, soft, runs), rim);
}
