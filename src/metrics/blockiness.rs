//! Steps along the grid of a coder's blocks.

use rayon::prelude::*;

use super::Plane;

/// Side of the blocks of MPEG-2, MPEG-4, JPEG, and of the transform of H.264.
const GRID: usize = 8;
/// Steps are at least this on average, in codes of 255: a flat picture has no grid.
const FLOOR: f64 = 0.02;

/// How much larger the steps across a grid of 8 × 8 are than those elsewhere, and where the grid begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Blockiness {
    /// Mean step across the grid divided by the mean of the others, of both directions; 1 where there is no grid.
    pub ratio: f64,
    /// The first column and row with which a block begins, 0 to 7: not 0 where a picture was cut from another.
    pub phase: (usize, usize),
}

/// The grid that shows most, after Wang, Bovik, Evans: "Blind measurement of blocking artifacts in images", 2000, by steps
/// in place of a spectrum. `None` for pictures with fewer than 32 columns or rows.
pub fn blockiness(plane: &Plane) -> Option<Blockiness> {
    if plane.width.min(plane.height) < 4 * GRID {
        return None;
    }
    let (across, down) = steps(plane);
    let scale = 255.0 / plane.peak();
    let floor = FLOOR / scale;
    let (of_columns, column) = most(&across, plane.height as f64, floor);
    let (of_rows, row) = most(&down, plane.width as f64, floor);
    Some(Blockiness {
        ratio: (of_columns + of_rows) / 2.0,
        phase: (column, row),
    })
}

/// Sums of the sizes of steps: into each column from the left, and into each row from above.
fn steps(plane: &Plane) -> (Vec<u64>, Vec<u64>) {
    let (width, height) = (plane.width, plane.height);
    let bands: Vec<(Vec<u64>, Vec<u64>)> = (0..height.div_ceil(64))
        .into_par_iter()
        .map(|band| {
            let rows = band * 64..((band + 1) * 64).min(height);
            let mut across = vec![0u32; width];
            let mut down = Vec::with_capacity(rows.len());
            for y in rows {
                let row = plane.row(y);
                for (sum, pair) in across[1..].iter_mut().zip(row.windows(2)) {
                    *sum += u32::from(pair[0].abs_diff(pair[1]));
                }
                let above = plane.row(y.saturating_sub(1));
                let pairs = row.iter().zip(above);
                let step = pairs.map(|(here, above)| u64::from(here.abs_diff(*above)));
                down.push(step.sum());
            }
            (across.into_iter().map(u64::from).collect(), down)
        })
        .collect();
    let mut across = vec![0; width];
    let mut down = Vec::with_capacity(height);
    for (columns, rows) in bands {
        across
            .iter_mut()
            .zip(columns)
            .for_each(|(sum, more)| *sum += more);
        down.extend(rows);
    }
    (across, down)
}

/// The largest ratio of the steps at one place of the grid and at the others, and that place. `steps` are sums over `count`
/// samples.
fn most(steps: &[u64], count: f64, floor: f64) -> (f64, usize) {
    let mut sums = [(0.0, 0.0); GRID];
    // Nothing steps into the first.
    for (at, step) in steps.iter().enumerate().skip(1) {
        let sum = &mut sums[at % GRID];
        *sum = (sum.0 + *step as f64 / count, sum.1 + 1.0);
    }
    let all = sums
        .iter()
        .fold((0.0, 0.0), |all, sum| (all.0 + sum.0, all.1 + sum.1));
    let ratios = sums.iter().enumerate().map(|(phase, sum)| {
        let own = sum.0 / f64::max(sum.1, 1.0);
        let others = (all.0 - sum.0) / f64::max(all.1 - sum.1, 1.0);
        (own.max(floor) / others.max(floor), phase)
    });
    ratios.fold(
        (1.0, 0),
        |most, found| if found.0 > most.0 { found } else { most },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ramp, on which blocks of 8 × 8 that begin at `phase` are lighter in turn by `step`.
    fn picture(step: u16, phase: (usize, usize)) -> Plane {
        let (width, height) = (96, 64);
        let codes = (0..width * height).map(|at| {
            let (x, y) = (at % width, at / width);
            let block = (x + 8 - phase.0) / 8 + (y + 8 - phase.1) / 8;
            (40 + x + y) as u16 + step * (block % 2) as u16
        });
        Plane {
            width,
            height,
            depth: 8,
            codes: codes.collect(),
        }
    }

    #[test]
    fn a_grid_is_found_where_it_begins() {
        let plain = blockiness(&picture(0, (0, 0))).unwrap();
        assert!((plain.ratio - 1.0).abs() < 0.02, "{plain:?}");
        for phase in [(0, 0), (3, 5)] {
            let found = blockiness(&picture(4, phase)).unwrap();
            assert_eq!(found.phase, phase);
            // The ramp has steps of 1; half of those at the grid are 5, half 3.
            assert!((found.ratio - 4.0).abs() < 0.1, "{found:?}");
        }
    }

    #[test]
    fn flat_and_small_pictures_have_none() {
        let flat = Plane {
            codes: vec![77; 96 * 64],
            ..picture(0, (0, 0))
        };
        assert_eq!(blockiness(&flat).unwrap().ratio, 1.0);
        let small = Plane {
            width: 8,
            height: 8,
            codes: vec![0; 64],
            depth: 8,
        };
        assert_eq!(blockiness(&small), None);
    }
}
