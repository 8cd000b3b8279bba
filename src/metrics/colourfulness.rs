//! How colourful a picture is.

use rayon::prelude::*;

use super::Rgb;

/// Hasler, Süsstrunk: "Measuring colourfulness in natural images", 2003, on R'G'B' in codes of 255: 0 is gray, about 30 is
/// averagely colourful, above 80 highly.
pub fn colourfulness(picture: &Rgb) -> f64 {
    let [red, green, blue] = &picture.planes;
    let width = picture.width.max(1);
    let rows = red
        .par_chunks(width)
        .zip(green.par_chunks(width))
        .zip(blue.par_chunks(width));
    // Sums of both opponent colours, and of their squares, by row.
    let rows = rows.map(|((red, green), blue)| {
        let mut sums = [0.0f64; 4];
        for ((red, green), blue) in red.iter().zip(green).zip(blue) {
            let (rg, yb) = (
                f64::from(red - green),
                f64::from(0.5 * (red + green) - blue),
            );
            sums[0] += rg;
            sums[1] += yb;
            sums[2] += rg * rg;
            sums[3] += yb * yb;
        }
        sums
    });
    let mut sums = [0.0; 4];
    for row in rows.collect::<Vec<[f64; 4]>>() {
        sums.iter_mut()
            .zip(row)
            .for_each(|(sum, more)| *sum += more);
    }
    let [rg, yb, rg2, yb2] = sums.map(|sum| sum / red.len().max(1) as f64);
    let spread = (rg2 - rg * rg + yb2 - yb * yb).max(0.0).sqrt();
    let mean = (rg * rg + yb * yb).sqrt();
    255.0 * (spread + 0.3 * mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gray_has_none_and_pure_colours_much() {
        let of = |pixels: &[[f32; 3]]| {
            let plane = |component: usize| pixels.iter().map(|pixel| pixel[component]).collect();
            colourfulness(&Rgb {
                width: pixels.len(),
                height: 1,
                planes: [plane(0), plane(1), plane(2)],
            })
        };
        assert_eq!(of(&[[0.2; 3], [0.9; 3]]), 0.0);
        // Red alone: both opponent colours are constant, 255 and 127.5.
        let red = of(&[[1.0, 0.0, 0.0]; 4]);
        assert!((red - 0.3 * 255.0 * 1.25f64.sqrt()).abs() < 1e-3, "{red}");
        // Red and green: a spread of 255 in one.
        let both = of(&[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
        assert!((both - (255.0 + 0.3 * 127.5)).abs() < 1e-3, "{both}");
    }
}
