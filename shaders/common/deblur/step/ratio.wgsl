// The ratio of what was observed to the blurred estimate, nearer to 1 where they differ by less than noise: damped as by White
// ("Image restoration using the damped Richardson-Lucy method", 1994, with N = 3), for noise that is the same in all tones.
fn pixel(at: vec2i) -> vec4f {
    let blurred = blurred_here().r;
    let difference = observed_here().r - blurred;
    let share = min(difference * difference / max(4.0 * params.noise * params.noise, 1e-12), 1.0);
    let sure = share * share * (3.0 - 2.0 * share);
    return vec4f(max(1.0 + sure * difference / max(blurred + params.lift, 0.001), 0.0));
}
