use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// Separates the picture into C, M, Y and K, 0 to 1. They are solved for what the print becomes on average: dots of screens
/// at different angles cover each other by chance, so the mean of a primary is the product of what each ink and the paper
/// let through (Demichel 1924, Neugebauer 1937). K takes over a part of what all three others print.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let colour = |name: &str| ["r", "g", "b"].map(|part| io.param(&format!("{name}_{part}")));
    let stops = |name: &str| colour(name).map(|part| 1.0 - part);
    let print = Print {
        replacement: io.param("gray_replacement"),
        start: io.param("black_start"),
        paper: colour("paper"),
        inks: ["cyan", "magenta", "yellow"].map(stops),
        black: stops("black"),
    };
    separate(io.here("picture").rgb(), &print, out.rgba());
}

/// Paper, and what the inks stop of red, green and blue.
struct Print {
    replacement: f32,
    start: f32,
    paper: [f32; 3],
    inks: [[f32; 3]; 3],
    black: [f32; 3],
}

#[inline(always)]
fn unit(value: f32) -> f32 {
    smaller(greater(value, 0.0), 1.0)
}

/// Cyan, magenta and yellow that let through what is `wanted`, from a guess on. Each is set by the primary that it stops
/// most, in turn; two rounds are enough. What cannot be printed stays at the nearest.
#[inline(always)]
fn inks_of([cyan, magenta, yellow]: [[f32; 3]; 3], wanted: [f32; 3], guess: [f32; 3]) -> [f32; 3] {
    let mut ink = guess;
    for _ in 0..2 {
        let red = greater(
            (1.0 - ink[1] * magenta[0]) * (1.0 - ink[2] * yellow[0]),
            0.05,
        );
        ink[0] = unit((1.0 - wanted[0] / red) / greater(cyan[0], 0.1));
        let green = greater((1.0 - ink[0] * cyan[1]) * (1.0 - ink[2] * yellow[1]), 0.05);
        ink[1] = unit((1.0 - wanted[1] / green) / greater(magenta[1], 0.1));
        let blue = greater((1.0 - ink[0] * cyan[2]) * (1.0 - ink[1] * magenta[2]), 0.05);
        ink[2] = unit((1.0 - wanted[2] / blue) / greater(yellow[2], 0.1));
    }
    ink
}

#[multiversion(targets = "simd")]
fn separate([r, g, b]: [&[f32]; 3], print: &Print, out: [&mut [f32]; 4]) {
    let [c, m, y, k] = out;
    for ((((((c, m), y), k), r), g), b) in c.iter_mut().zip(m).zip(y).zip(k).zip(r).zip(g).zip(b) {
        let rgb = [unit(*r), unit(*g), unit(*b)];
        let through = |black: f32, i: usize| {
            let light = print.paper[i] * (1.0 - black * print.black[i]);
            smaller(rgb[i] / greater(light, 0.004), 1.0)
        };
        let wanted = [through(0.0, 0), through(0.0, 1), through(0.0, 2)];
        let without = inks_of(
            print.inks,
            wanted,
            [1.0 - rgb[0], 1.0 - rgb[1], 1.0 - rgb[2]],
        );
        let gray = smaller(without[0], smaller(without[1], without[2]));
        let black = print.replacement * greater(gray - print.start, 0.0) / (1.0 - print.start);
        let wanted = [through(black, 0), through(black, 1), through(black, 2)];
        let ink = inks_of(print.inks, wanted, without);
        (*c, *m, *y, *k) = (ink[0], ink[1], ink[2], black);
    }
}
