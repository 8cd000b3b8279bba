//! Look-up tables (LUTs) for colour: curves, cubes, or curves before a cube; and their interpolation.

use super::bounds::{greater, smaller};

/// The input range of a table, per channel. Inputs outside it get the first or last entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Domain {
    pub min: [f32; 3],
    /// Greater than `min` in every channel.
    pub max: [f32; 3],
}

impl Default for Domain {
    fn default() -> Self {
        Self {
            min: [0.0; 3],
            max: [1.0; 3],
        }
    }
}

impl Domain {
    /// That the range of a table with `size` entries on each axis is one.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check(&self, size: usize) -> Result<(), String> {
        for (min, max) in self.min.iter().zip(self.max) {
            if *min >= max {
                return Err(format!(
                    "the minimum of the domain, {min}, is not below its maximum, {max}"
                ));
            }
            if !(max - min).is_finite() {
                return Err("the range of the domain is too wide".to_owned());
            }
        }
        match self.scale(size).iter().all(|scale| scale.is_finite()) {
            true => Ok(()),
            false => Err("the range of the domain is too narrow".to_owned()),
        }
    }

    /// Entries per unit of input, for a table with `size` entries on each axis.
    pub fn scale(&self, size: usize) -> [f32; 3] {
        [0, 1, 2].map(|c| (size - 1) as f32 / (self.max[c] - self.min[c]))
    }
}

/// A one-dimensional table: one curve per channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    pub domain: Domain,
    /// At least two entries, evenly spaced.
    pub entries: Vec<[f32; 3]>,
}

/// A three-dimensional table. An entry has four numbers, so that it can be loaded at once; the fourth is not used.
#[derive(Clone, Debug, PartialEq)]
pub struct Cube {
    pub domain: Domain,
    /// Entries on each axis, at least two.
    pub size: usize,
    /// Red varies fastest, then green, then blue.
    pub entries: Vec<[f32; 4]>,
}

/// How values between the entries of a cube are interpolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// Trilinear: from eight entries.
    Trilinear,
    /// Tetrahedral: from the four corners of one of the six tetrahedra around the gray diagonal. Grays stay gray.
    Tetrahedral,
}

/// A look-up table: curves, a cube, or curves followed by a cube.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lut {
    pub title: String,
    /// What of its file is not applied, for people.
    pub notes: Vec<String>,
    pub curves: Option<Curves>,
    pub cube: Option<Cube>,
}

/// Index of the entry before `x`, and the fraction from there to the next. `x` is in entries.
#[inline(always)]
pub fn place(x: f32, size: usize) -> (i32, f32) {
    let x = smaller(greater(x, 0.0), (size - 1) as f32);
    let index = smaller(x.floor(), (size - 2) as f32);
    // Rounds by adding 2^23: the whole number is in the last bits. Faster than a conversion that handles NaN.
    let bits = (index + 8_388_608.0).to_bits() & 0x7f_ffff;
    (bits as i32, x - index)
}

impl Curves {
    /// `rgb` through the curves, linear between entries. `scale` is that of the domain.
    #[inline(always)]
    pub fn apply(&self, rgb: [f32; 3], scale: [f32; 3]) -> [f32; 3] {
        std::array::from_fn(|c| {
            let (index, t) = place((rgb[c] - self.domain.min[c]) * scale[c], self.entries.len());
            let index = index as usize;
            let (a, b) = (self.entries[index][c], self.entries[index + 1][c]);
            a + (b - a) * t
        })
    }
}

impl Cube {
    /// Index of the entry before `rgb` on every axis, and how far it is on the way to the next. `scale` is that of the
    /// domain.
    #[inline(always)]
    pub fn place(&self, rgb: [f32; 3], scale: [f32; 3]) -> (usize, [f32; 3]) {
        let n = self.size;
        let at = |c: usize| place((rgb[c] - self.domain.min[c]) * scale[c], n);
        let ((r, tr), (g, tg), (b, tb)) = (at(0), at(1), at(2));
        let start = (b as usize * n + g as usize) * n + r as usize;
        (start, [tr, tg, tb])
    }

    /// The colour at a place, as an entry.
    #[inline(always)]
    pub fn trilinear(&self, start: usize, [tr, tg, tb]: [f32; 3]) -> [f32; 4] {
        let n = self.size;
        // One bounds check for all corners. Neighbours in red lie side by side: eight values go through green and blue.
        let corners = self.entries[start..start + n * n + n + 2].as_flattened();
        let mut pairs = [[0.0; 8]; 4];
        for (pair, entry) in pairs.iter_mut().zip([0, n, n * n, n * n + n]) {
            pair.copy_from_slice(&corners[4 * entry..4 * entry + 8]);
        }
        let mut both = [0.0; 8];
        for (i, both) in both.iter_mut().enumerate() {
            let near = pairs[0][i] + (pairs[1][i] - pairs[0][i]) * tg;
            let far = pairs[2][i] + (pairs[3][i] - pairs[2][i]) * tg;
            *both = near + (far - near) * tb;
        }
        std::array::from_fn(|c| both[c] + (both[c + 4] - both[c]) * tr)
    }

    /// The colour at a place, as an entry: Sakamoto's tetrahedra (US patent 4 275 413, 1981, expired).
    #[inline(always)]
    pub fn tetrahedral(&self, start: usize, [tr, tg, tb]: [f32; 3]) -> [f32; 4] {
        let n = self.size;
        // One bounds check for all corners.
        let corners = &self.entries[start..start + n * n + n + 2];
        // From the first corner along the axis of the largest fraction, then of the middle one, to the opposite corner.
        let most = tr.max(tg).max(tb);
        let least = tr.min(tg).min(tb);
        let middle = tr.max(tg).min(tr.min(tg).max(tb));
        let step = |red: bool, green: bool| {
            if red {
                1
            } else if green {
                n
            } else {
                n * n
            }
        };
        let opposite = n * n + n + 1;
        let first = step(tr == most, tg == most);
        // Ties: the first axis leads above, so the last of the equals must trail here.
        let second = opposite
            - if tb == least {
                n * n
            } else if tg == least {
                n
            } else {
                1
            };
        let weights = [1.0 - most, most - middle, middle - least, least];
        let entries = [
            corners[0],
            corners[first],
            corners[second],
            corners[opposite],
        ];
        std::array::from_fn(|c| {
            entries[0][c] * weights[0]
                + entries[1][c] * weights[1]
                + entries[2][c] * weights[2]
                + entries[3][c] * weights[3]
        })
    }
}

impl Cube {
    /// `rgb` through the cube.
    pub fn apply(&self, rgb: [f32; 3], interpolation: Interpolation) -> [f32; 3] {
        let (start, t) = self.place(rgb, self.domain.scale(self.size));
        let [r, g, b, _] = match interpolation {
            Interpolation::Trilinear => self.trilinear(start, t),
            Interpolation::Tetrahedral => self.tetrahedral(start, t),
        };
        [r, g, b]
    }
}

impl Lut {
    /// `rgb` through the table.
    pub fn apply(&self, rgb: [f32; 3], interpolation: Interpolation) -> [f32; 3] {
        let rgb = match &self.curves {
            Some(curves) => curves.apply(rgb, curves.domain.scale(curves.entries.len())),
            None => rgb,
        };
        match &self.cube {
            None => rgb,
            Some(cube) => cube.apply(rgb, interpolation),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lut_file;
    use super::*;
    use proptest::prelude::*;

    #[derive(serde::Deserialize)]
    struct Expected {
        name: String,
        /// Absent for a file that is not ours.
        text: Option<String>,
        points: Vec<[f32; 3]>,
        trilinear: Vec<[f32; 3]>,
        tetrahedral: Vec<[f32; 3]>,
    }

    /// Values by the `colour-science` package, stored by kernels-tests/expected/make_luts_colour.py.
    #[test]
    fn colour_science_agrees() {
        agrees(include_str!("../../kernels-tests/expected/luts.json"), 5);
    }

    /// Values by OpenColorIO, stored by kernels-tests/expected/make_luts_ocio.py.
    #[test]
    fn opencolorio_agrees() {
        agrees(
            include_str!("../../kernels-tests/expected/luts_ocio.json"),
            12,
        );
    }

    fn agrees(expected: &str, ours: usize) {
        let all: Vec<Expected> = serde_json::from_str(expected).unwrap();
        let with_text = all.iter().filter(|expected| expected.text.is_some());
        assert!(with_text.count() >= ours);
        for expected in all {
            let bytes = match expected.text {
                Some(text) => text.into_bytes(),
                None => match crate::skip::media(&format!("luts/{}", expected.name)) {
                    Some(path) => std::fs::read(path).unwrap(),
                    None => continue,
                },
            };
            let lut = lut_file::read(&expected.name, &bytes)
                .unwrap_or_else(|e| panic!("{}: {e}", expected.name));
            for (interpolation, values) in [
                (Interpolation::Trilinear, &expected.trilinear),
                (Interpolation::Tetrahedral, &expected.tetrahedral),
            ] {
                for (point, wanted) in expected.points.iter().zip(values) {
                    let got = lut.apply(*point, interpolation);
                    for c in 0..3 {
                        let allowed = 2e-5 * wanted[c].abs().max(1.0);
                        assert!(
                            (got[c] - wanted[c]).abs() <= allowed,
                            "{} {interpolation:?} at {point:?}: {got:?}, not {wanted:?}",
                            expected.name
                        );
                    }
                }
            }
        }
    }

    const BOTH: [Interpolation; 2] = [Interpolation::Trilinear, Interpolation::Tetrahedral];

    fn some_cube(size: usize, seed: u32) -> Cube {
        let mut state = seed;
        let mut next = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 16_777_216.0
        };
        Cube {
            domain: Domain::default(),
            size,
            entries: (0..size.pow(3))
                .map(|_| [next(), next(), next(), 0.0])
                .collect(),
        }
    }

    proptest! {
        #[test]
        fn entries_are_hit_and_edges_hold(size in 2usize..6, seed: u32, at in prop::array::uniform3(0usize..6)) {
            let cube = some_cube(size, seed);
            let at = at.map(|i| i.min(size - 1));
            let entry = cube.entries[(at[2] * size + at[1]) * size + at[0]];
            let point = at.map(|i| i as f32 / (size - 1) as f32);
            // Beyond an edge it is as on it.
            let beyond = point.map(|x| if x == 0.0 { -3.0 } else if x == 1.0 { 9.0 } else { x });
            for p in [point, beyond] {
                for got in BOTH.map(|how| cube.apply(p, how)) {
                    for c in 0..3 {
                        prop_assert!((got[c] - entry[c]).abs() < 1e-5);
                    }
                }
            }
        }

        #[test]
        fn no_colour_panics(size in 2usize..5, seed: u32, bits in prop::array::uniform3(any::<u32>())) {
            let cube = some_cube(size, seed);
            let rgb = bits.map(f32::from_bits);
            for got in BOTH.map(|how| cube.apply(rgb, how)) {
                prop_assert!(got.iter().all(|v| (-0.001..=1.001).contains(v)), "{rgb:?} {got:?}");
            }
        }

        #[test]
        fn tetrahedra_meet_without_a_seam(size in 2usize..5, seed: u32, t in prop::array::uniform2(0.0f32..1.0)) {
            // On the faces between them, where two fractions are equal.
            let cube = some_cube(size, seed);
            for p in [[t[0], t[0], t[1]], [t[0], t[1], t[0]], [t[1], t[0], t[0]], [t[0]; 3]] {
                let here = cube.apply(p, Interpolation::Tetrahedral);
                for axis in 0..3 {
                    let mut beside = p;
                    beside[axis] += 1e-5;
                    let there = cube.apply(beside, Interpolation::Tetrahedral);
                    for c in 0..3 {
                        prop_assert!((here[c] - there[c]).abs() < 3e-4, "{p:?}");
                    }
                }
            }
        }
    }
}
