use multiversion::multiversion;

use super::palette::{Place, nearest, rounded};
use crate::color::bounds::{greater, smaller};
use crate::reference::lanes::{LANES, Lanes, load, store};
use crate::reference::{Io, Out};

/// Replaces each pixel by the nearest colour of the palette.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let here = io.here("picture");
    let palette = io.words("palette");
    let places: Vec<Place<3>> = (0..io.param("colors") as usize)
        .map(|k| {
            let exact = [0, 1, 2].map(|c| palette[4 * k + c] as f32 / 65280.0);
            Place::new(rounded(palette, k), exact)
        })
        .collect();
    let [r, g, b, a] = out.rgba();
    a.copy_from_slice(here.channel(3));
    quantize(here.rgb(), &places, [r, g, b]);
}

#[multiversion(targets = "simd")]
fn quantize([r, g, b]: [&[f32]; 3], places: &[Place<3>], out: [&mut [f32]; 3]) {
    let [out_r, out_g, out_b] = out;
    for x in (0..r.len()).step_by(LANES) {
        let codes = [codes(r, x), codes(g, x), codes(b, x)];
        let [red, green, blue] = nearest(codes, places);
        store(&red, out_r, x);
        store(&green, out_g, x);
        store(&blue, out_b, x);
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
