use multiversion::multiversion;

use crate::reference::{Io, Out, Row};

/// Prints the inks on paper, each as a filter over those below, and black lines over all.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (inks, lines) = (io.here("inks"), io.here("lines").r());
    let [r, g, b, alpha] = out.rgba();
    for (suffix, line) in ["r", "g", "b"].into_iter().zip([r, g, b]) {
        let colours = ["paper", "cyan", "magenta", "yellow", "black"]
            .map(|name| io.param(&format!("{name}_{suffix}")));
        print(inks, lines, colours, line);
    }
    alpha.fill(1.0);
}

#[multiversion(targets = "simd")]
fn print(inks: Row<'_>, lines: &[f32], colours: [f32; 5], out: &mut [f32]) {
    let [paper, cyan, magenta, yellow, solid] = colours;
    let [c, m, y, k] = [0, 1, 2, 3].map(|ink| inks.channel(ink));
    for (((((value, c), m), y), k), line) in out.iter_mut().zip(c).zip(m).zip(y).zip(k).zip(lines) {
        let coloured =
            (1.0 - c * (1.0 - cyan)) * (1.0 - m * (1.0 - magenta)) * (1.0 - y * (1.0 - yellow));
        let printed = coloured * (1.0 - k * (1.0 - solid));
        *value = paper * (printed + (solid * coloured - printed) * line);
    }
}
