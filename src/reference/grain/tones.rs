use crate::color::bounds::{greater, smaller};
use crate::reference::Io;

const NAMES: [&str; 8] = [
    "level_1", "level_2", "level_3", "level_4", "level_5", "level_6", "level_7", "level_8",
];

/// The deviations of grain in the middles of eight bands.
pub fn levels(io: &Io<'_>) -> [f32; 8] {
    NAMES.map(|name| io.param(name))
}

/// The deviation of grain at a tone: linear between the middles of the bands.
#[inline(always)]
pub fn deviation(levels: &[f32; 8], tone: f32) -> f32 {
    let at = smaller(greater(8.0 * tone - 0.5, 0.0), 7.0);
    // A sum of slopes, so that no place is looked up.
    let mut sum = levels[0];
    for i in 0..7 {
        sum += (levels[i + 1] - levels[i]) * smaller(greater(at - i as f32, 0.0), 1.0);
    }
    sum
}
