use crate::reference::Io;

/// Pixels that the filters of grain reach to each side.
pub const REACH: i32 = 28;

/// Weights of a filter from `-far` to `far`, of luma and of colours, which are twice as coarse. The squares of each sum to 1.
pub struct Filter {
    pub luma: Vec<f32>,
    pub colours: Vec<f32>,
}

impl Filter {
    /// Of the parameters `NAME_1` to `NAME_5`.
    pub fn new(io: &Io<'_>, names: [&str; 5], colours: f32) -> Self {
        let mut taps = [0.0; 10];
        taps[0] = 1.0;
        for (tap, name) in taps[1..].iter_mut().zip(names) {
            *tap = io.param(name);
        }
        let larger = io.param("larger").max(0.01);
        let far = ((7.0 * (larger * (1.0 + colours))).ceil() as i32).min(REACH);
        let weights = |finer: f32| -> Vec<f32> {
            let weights = (-far..=far).map(|k| tap(&taps, finer * ((k as f32).abs() / larger)));
            let weights: Vec<f32> = weights.collect();
            let power: f32 = weights.iter().map(|weight| weight * weight).sum();
            weights.iter().map(|weight| weight / power.sqrt()).collect()
        };
        Self {
            luma: weights(1.0),
            colours: weights(0.5),
        }
    }

    /// How far it reaches to each side.
    pub fn far(&self) -> usize {
        self.luma.len() / 2
    }
}

/// The weight at distance `u`: Catmull-Rom between the whole numbers.
fn tap(taps: &[f32; 10], u: f32) -> f32 {
    if u >= 7.0 {
        return 0.0;
    }
    let (i, f) = (u.floor() as usize, u - u.floor());
    let (a, b, c, d) = (taps[i.abs_diff(1)], taps[i], taps[i + 1], taps[i + 2]);
    b + 0.5 * f * (c - a + f * (2.0 * a - 5.0 * b + 4.0 * c - d + f * (3.0 * (b - c) + d - a)))
}

/// Adds a row, weighted.
#[inline(always)]
pub fn add(row: &[f32], weight: f32, sum: &mut [f32]) {
    for (sum, value) in sum.iter_mut().zip(row) {
        *sum += weight * value;
    }
}
