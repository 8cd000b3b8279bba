use crate::color::bounds::{greater, smaller};

/// The part of `light` above `threshold`, with a soft knee of half that width on either side.
#[inline(always)]
pub fn excess(light: [f32; 3], threshold: f32) -> [f32; 3] {
    let [r, g, b] = light;
    let most = greater(greater(r, g), b);
    let knee = greater(0.5 * threshold, 0.001);
    let over = most - threshold;
    let soft = smaller(greater(over + knee, 0.0), 2.0 * knee);
    let part = smaller(
        greater(soft * soft / (4.0 * knee), over),
        greater(most, 0.0),
    );
    let gain = part / greater(most, 0.001);
    [r, g, b].map(|light| greater(light, 0.0) * gain)
}
