use multiversion::multiversion;

use super::{byte, inks, number};
use crate::reference::{Io, Out};

/// The characters of a row of cells: the ones whose ink in each ninth of a cell is nearest to what is wanted there. All of it
/// in whole numbers, so that every device chooses the same.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let [columns, count] = ["atlas_columns", "count"].map(|name| io.param(name) as i32);
    io.with_kept(|kept: &mut Option<Ninths>| {
        let inks =
            kept.get_or_insert_with(|| Ninths::new(&inks(io.image("shapes"), columns, count)));
        choose(io, inks, out.gray());
    });
}

fn choose(io: &Io<'_>, inks: &Ninths, out: &mut [f32]) {
    let asked = Asked::new(io);
    let last = io.image("last").clamped_row(io.y as i64).r();
    let mut apart = vec![0; inks.total.len()];
    for (x, value) in out.iter_mut().enumerate() {
        differ(inks, &asked.of(io, x), &mut apart);
        let least = *apart.iter().min().unwrap_or(&0);
        let best = apart.iter().position(|a| *a == least).unwrap_or(0);
        let before = number(last[x.min(last.len() - 1)]);
        let held = usize::try_from(before).ok().and_then(|k| apart.get(k));
        // The character of the frame before stays until another one fits clearly better.
        let stays =
            held.is_some_and(|held| held - least <= least / 256 * asked.hold + 24 * asked.hold);
        let k = if io.facts.history_valid && stays {
            before
        } else {
            best as i32
        };
        *value = k as f32 / 4095.0;
    }
}

/// The ink of all characters, ninth by ninth.
struct Ninths {
    parts: [Vec<i32>; 9],
    /// The sum of the ninths.
    total: Vec<i32>,
}

impl Ninths {
    fn new(inks: &[[i32; 9]]) -> Self {
        Self {
            parts: std::array::from_fn(|i| inks.iter().map(|ninths| ninths[i]).collect()),
            total: inks.iter().map(|ninths| ninths.iter().sum()).collect(),
        }
    }
}

/// How far each character is from what is wanted. How dense it is counts beside its shape.
#[multiversion(targets = "simd")]
fn differ(inks: &Ninths, wanted: &[i32; 9], apart: &mut [i32]) {
    let total: i32 = wanted.iter().sum();
    for (apart, ink) in apart.iter_mut().zip(&inks.total) {
        *apart = (ink - total) * (ink - total) / 3;
    }
    for (parts, wanted) in inks.parts.iter().zip(wanted) {
        for (apart, part) in apart.iter_mut().zip(parts) {
            *apart += (part - wanted) * (part - wanted);
        }
    }
}

/// What cells are asked by.
struct Asked {
    kr: i32,
    kb: i32,
    contrast: i32,
    edges: i32,
    hold: i32,
    negative: bool,
    /// The ink of the densest character, as the sum of its ninths.
    densest: i32,
}

impl Asked {
    fn new(io: &Io<'_>) -> Self {
        let whole = |name| io.param(name) as i32;
        Self {
            kr: whole("kr"),
            kb: whole("kb"),
            contrast: whole("contrast"),
            edges: whole("edges"),
            hold: whole("hold"),
            negative: io.param("negative") != 0.0,
            densest: (io.image("densest").row(0).r()[0] * 2295.0).round_ties_even() as i32,
        }
    }

    /// The ink that is wanted in the ninths of cell `x`.
    fn of(&self, io: &Io<'_>, x: usize) -> [i32; 9] {
        let measured = io.image("measured");
        let (mut tones, mut lines) = ([0; 9], [0; 9]);
        for i in 0..9 {
            let row = measured.clamped_row((3 * io.y + i / 3) as i64);
            let x = (3 * x + i % 3).min(measured.width - 1);
            let [r, g, b, line] = [0, 1, 2, 3].map(|channel| byte(row.channel(channel)[x]));
            let luma = (self.kr * r + (1024 - self.kr - self.kb) * g + self.kb * b) / 1024;
            // Mid tones are lifted a little: a cell is never all ink.
            let lifted = luma + luma * (255 - luma) / 768;
            let spread = (128 + (lifted - 128) * self.contrast / 256).clamp(0, 255);
            tones[i] = if self.negative { 255 - spread } else { spread };
            // What a line touches is left out; no more is asked for than a stroke of a character covers.
            lines[i] = (line * self.edges / 256 - 60).clamp(0, 150);
        }
        // Lines are drawn on quieter ground. A tone of 255 is as dense as the densest character; differences within the
        // cell are doubled, so that shapes show.
        let mean = tones.iter().sum::<i32>() / 9;
        let drawn: i32 = lines.iter().sum();
        let ground = (255 - (2 * drawn / 3).min(230)) * self.densest;
        std::array::from_fn(|i| (2 * tones[i] - mean).clamp(0, 510) * ground / 585_225 + lines[i])
    }
}
