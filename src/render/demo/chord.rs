//! The sound of the demo: a chord around 440 Hz. Each note starts softly and fades out.

use std::f64::consts::TAU;

/// Each note: its frequency in Hz, and the second of the bar at which it starts.
const NOTES: [(f64, f64); 4] = [(220.0, 0.0), (440.0, 0.5), (554.37, 1.0), (659.26, 1.5)];
/// Seconds until the notes start again.
const BAR: f64 = 2.0;
/// Amplitude of each partial of a note.
const PARTIALS: [f64; 4] = [1.0, 0.35, 0.16, 0.06];

/// Sample `index` of the sound, left and right, at `rate` samples a second.
pub(super) fn sample(index: i64, rate: u32) -> [i16; 2] {
    let time = index as f64 / f64::from(rate);
    let mut sides = [0.0; 2];
    for (number, (pitch, struck)) in NOTES.into_iter().enumerate() {
        // The note of this bar, and the end of the note of the bar before, which is still fading.
        for bar in [0.0, 1.0] {
            let since = (time - struck).rem_euclid(BAR) + bar * BAR;
            if time - since < struck - 1e-9 {
                continue;
            }
            let envelope = (since / 0.02).min(1.0) * (-1.6 * since).exp();
            let wave: f64 = PARTIALS
                .iter()
                .enumerate()
                .map(|(partial, strength)| {
                    let order = partial as f64 + 1.0;
                    strength * (TAU * pitch * order * since).sin() * (-0.5 * order * since).exp()
                })
                .sum();
            let right = 0.3 + 0.4 * number as f64 / (NOTES.len() - 1) as f64;
            sides[0] += envelope * wave * (1.0 - right);
            sides[1] += envelope * wave * right;
        }
    }
    sides.map(|value| (value * 0.22 * f64::from(i16::MAX)).round() as i16)
}

#[cfg(test)]
mod tests {
    use super::sample;

    #[test]
    fn it_sounds_and_does_not_clip() {
        let samples: Vec<[i16; 2]> = (0..4 * 48_000).map(|i| sample(i, 48_000)).collect();
        let loudest = samples.iter().flatten().map(|s| s.unsigned_abs()).max();
        assert!(
            (3_000..30_000).contains(&loudest.unwrap_or(0)),
            "{loudest:?}"
        );
        // No clicks: neighbouring samples are close, also at the start of a bar.
        for pair in samples.windows(2) {
            assert!((i32::from(pair[0][0]) - i32::from(pair[1][0])).abs() < 3_000);
        }
    }
}
