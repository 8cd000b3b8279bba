use multiversion::multiversion;

use super::palette::{Place, nearest, rounded};
use crate::color::bounds::{greater, smaller};
use crate::reference::lanes::{LANES, Lanes, load, store};
use crate::reference::{Io, Out};

/// The number of the nearest colour of the palette, for each pixel.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let here = io.here("picture");
    let palette = io.words("palette");
    let places: Vec<Place<1>> = (0..io.param("colors") as usize)
        .map(|k| Place::new(rounded(palette, k), [k as f32]))
        .collect();
    quantize(here.rgb(), &places, out.gray());
}

#[multiversion(targets = "simd")]
fn quantize([r, g, b]: [&[f32]; 3], places: &[Place<1>], out: &mut [f32]) {
    for x in (0..r.len()).step_by(LANES) {
        let codes = [codes(r, x), codes(g, x), codes(b, x)];
        let [number] = nearest(codes, places);
        store(&number, out, x);
    }
}

/// As 8-bit code values.
#[inline(always)]
fn codes(row: &[f32], at: usize) -> Lanes {
    let mut lanes = load(row, at);
    for lane in &mut lanes {
        *lane = (smaller(greater(*lane, 0.0), 1.0) * 255.0).round_ties_even();
    }
    lanes
}
