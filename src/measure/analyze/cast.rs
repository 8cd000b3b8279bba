//! The colour of the light and of the blacks of a picture, by what is gray in most scenes.

use super::View;
use super::bytes::{Bytes, percentile};

/// Pictures are looked at with so many cells across at most: noise and the chroma of codecs are gone then.
const ACROSS: usize = 320;
/// Fewest cells that tell something.
const FEWEST: usize = 300;
/// Cells below this luma have no hue, and those whose least component is above the other end are white by clipping, whatever
/// the light was. In codes of 255, full range.
const DARK: f32 = 10.0;
const CLIPPED: f32 = 250.0;
/// Casts of light are told for this luma: chroma grows with it.
const MIDDLE: f64 = 128.0;
/// Powers of means (Minkowski): of steps, those of strong edges count most; of components, those of bright parts do.
const EDGES: i32 = 5;
const SHADES: i32 = 6;
/// Share of the cells that are the bright ones.
const BRIGHT: f64 = 0.05;
/// Radii, in codes, within which the mean of chroma is taken again and again, from neutral on: it settles on the grays.
const RADII: [f64; 8] = [40.0, 30.0, 25.0, 20.0, 15.0, 12.0, 10.0, 10.0];
/// Of dark tones, groups of this many codes of luma tell how chroma goes on to black. A group has so many cells at least,
/// and the darkest is below this luma.
const GROUP: f32 = 8.0;
const GROUPS: usize = 9;
const IN_GROUP: usize = 40;
const DARKEST: f64 = 28.0;
/// Estimates are of one mind where the least goes this part as far as the middle one: a scene of one hue, as wood or fur, has
/// few estimates that say little and many that say much. And where the middle one lies aside by at most this part of it.
const ALIKE: f64 = 0.3;
const ASIDE: f64 = 0.7;

/// Cb and Cr away from neutral, in codes of 255.
pub(super) type Chroma = [f64; 2];

/// What one frame says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimates {
    /// The colour of the light at middle luma: by edges, by strong edges, by the brightest cells, by the grays, and by shades
    /// of gray.
    pub light: [Chroma; 5],
    /// What is added to all tones: by how chroma goes on to black, by the brightest cells, and by the grays. None where
    /// nothing is dark.
    pub added: Option<[Chroma; 3]>,
}

/// A small picture.
struct Cells {
    width: usize,
    height: usize,
    /// Red, green and blue as coded (not linear), and luma, Cb and Cr of them, full range.
    rgb: Vec<[f32; 3]>,
    luma: Vec<f32>,
    chroma: Vec<[f32; 2]>,
}

impl Cells {
    fn of(view: &View, [luma, cb, cr]: [&Bytes; 3]) -> Self {
        let width = cb.width.min(ACROSS);
        let height = (cb.height * width / cb.width.max(1)).clamp(1, cb.height.max(1));
        let (black, luma_scale, chroma_scale) = match view.limited {
            true => (16.0, 255.0 / 219.0, 255.0 / 224.0),
            false => (0.0, 1.0, 1.0),
        };
        let [luma, cb, cr] = [luma, cb, cr].map(|plane| means(plane, width, height));
        let luma: Vec<f32> = luma.iter().map(|v| (v - black) * luma_scale).collect();
        let chroma: Vec<[f32; 2]> = cb
            .iter()
            .zip(&cr)
            .map(|(cb, cr)| [cb, cr].map(|v| (v - 128.0) * chroma_scale))
            .collect();
        // BT.709 (item 3.3); of BT.601 the directions are nearly the same.
        let rgb = luma.iter().zip(&chroma).map(|(y, [cb, cr])| {
            let (red, blue) = (y + 1.5748 * cr, y + 1.8556 * cb);
            [red, (y - 0.2126 * red - 0.0722 * blue) / 0.7152, blue]
        });
        Self {
            rgb: rgb.collect(),
            width,
            height,
            luma,
            chroma,
        }
    }

    /// Whether a cell has a hue that counts.
    fn counts(&self, at: usize) -> bool {
        let least = self.rgb[at].iter().fold(f32::MAX, |m, v| m.min(*v));
        self.luma[at] > DARK && least < CLIPPED
    }

    /// By how much chroma of a cell is multiplied to be that of middle luma.
    fn to_middle(&self, at: usize) -> f64 {
        MIDDLE / f64::from(self.luma[at].max(DARK))
    }

    /// Means of the steps from cell to cell by powers of 1 and [`EDGES`]: gray edge (van de Weijer, Gevers and Gijsenij:
    /// "Edge-based color constancy", 2007).
    fn edges(&self) -> [Chroma; 2] {
        let (mut all, mut strong) = ([0.0f64; 3], [0.0f64; 3]);
        for y in 0..self.height - 1 {
            for x in 0..self.width - 1 {
                let at = y * self.width + x;
                let near = [at, at + 1, at + self.width];
                if !near.iter().all(|at| self.counts(*at)) {
                    continue;
                }
                let [here, right, below] = near.map(|at| self.rgb[at]);
                for n in 0..3 {
                    let step = f64::from((right[n] - here[n]).hypot(below[n] - here[n]));
                    all[n] += step;
                    strong[n] += step.powi(EDGES);
                }
            }
        }
        [
            at_middle(all),
            at_middle(strong.map(|sum| sum.powf(1.0 / f64::from(EDGES)))),
        ]
    }

    /// Shades of gray (Finlayson and Trezzi, 2004): as if the picture were gray in the mean of powers of [`SHADES`].
    fn shades(&self, cells: &[usize]) -> Chroma {
        let mut sums = [0.0f64; 3];
        for at in cells {
            for (sum, value) in sums.iter_mut().zip(self.rgb[*at]) {
                *sum += f64::from(value.max(0.0)).powi(SHADES);
            }
        }
        at_middle(sums.map(|sum| sum.powf(1.0 / f64::from(SHADES))))
    }

    /// Where chroma is densest near neutral, by mean shift; each cell's is multiplied by `scale`.
    fn grays(&self, cells: &[usize], scale: impl Fn(usize) -> f64) -> Chroma {
        let mut centre = [0.0f64; 2];
        for radius in RADII {
            let (mut count, mut sum) = (0usize, [0.0f64; 2]);
            for at in cells {
                let scale = scale(*at);
                let [cb, cr] = self.chroma[*at].map(|v| f64::from(v) * scale);
                if (cb - centre[0]).hypot(cr - centre[1]) < radius {
                    count += 1;
                    sum = [sum[0] + cb, sum[1] + cr];
                }
            }
            if count < FEWEST / 6 {
                break;
            }
            centre = sum.map(|sum| sum / count as f64);
        }
        centre
    }

    /// Medians of luma and chroma of some cells.
    fn medians(&self, cells: &[usize]) -> (f64, Chroma) {
        let of = |value: &dyn Fn(usize) -> f32| {
            let mut values: Vec<f32> = cells.iter().map(|at| value(*at)).collect();
            let middle = values.len() / 2;
            f64::from(*values.select_nth_unstable_by(middle, f32::total_cmp).1)
        };
        let chroma = [0, 1].map(|n| of(&|at| self.chroma[at][n]));
        (of(&|at| self.luma[at]), chroma)
    }

    /// Chroma at black, by the straight line through that of dark tones. Whatever the light, black has none: what there is
    /// was added.
    fn at_black(&self) -> Option<Chroma> {
        let mut groups = vec![Vec::new(); GROUPS];
        for (at, luma) in self.luma.iter().enumerate() {
            let group = (luma / GROUP + 0.5).max(0.0) as usize;
            if let Some(group) = groups.get_mut(group) {
                group.push(at);
            }
        }
        let medians = groups.iter().filter(|group| group.len() >= IN_GROUP);
        let medians: Vec<_> = medians
            .map(|group| ((group.len() as f64).sqrt(), self.medians(group)))
            .collect();
        let [mut weights, mut lumas, mut squares] = [0.0f64; 3];
        let (mut sums, mut products) = ([0.0f64; 2], [0.0f64; 2]);
        for (weight, (luma, chroma)) in &medians {
            weights += weight;
            lumas += weight * luma;
            squares += weight * luma * luma;
            for n in 0..2 {
                sums[n] += weight * chroma[n];
                products[n] += weight * luma * chroma[n];
            }
        }
        let determinant = weights * squares - lumas * lumas;
        let dark = medians
            .first()
            .is_some_and(|(_, (luma, _))| *luma < DARKEST);
        // Two groups would not show whether they lie in a line.
        (dark && medians.len() >= 3 && determinant > 0.0)
            .then(|| [0, 1].map(|n| (squares * sums[n] - lumas * products[n]) / determinant))
    }
}

/// What a frame says about casts; none where too little of it has a hue, or all of it has the same.
pub(super) fn estimates(view: &View, planes: [&Bytes; 3]) -> Option<Estimates> {
    let cells = Cells::of(view, planes);
    let mut counted: Vec<usize> = (0..cells.luma.len())
        .filter(|at| cells.counts(*at))
        .collect();
    if counted.len() < FEWEST {
        return None;
    }
    let from = (counted.len() as f64 * (1.0 - BRIGHT)) as usize;
    counted.select_nth_unstable_by(from, |a, b| cells.luma[*a].total_cmp(&cells.luma[*b]));
    let (luma, bright) = cells.medians(&counted[from..]);
    let [edges, strong] = cells.edges();
    let light = [
        edges,
        strong,
        bright.map(|v| v * MIDDLE / luma),
        cells.grays(&counted, |at| cells.to_middle(at)),
        cells.shades(&counted),
    ];
    let added = cells
        .at_black()
        .map(|black| [black, bright, cells.grays(&counted, |_| 1.0)]);
    Some(Estimates { light, added })
}

/// What `estimates` have in common: the direction of their mean, and how far all of them go at least in it. 0 where they are
/// not of one mind.
pub(super) fn common(estimates: &[Chroma]) -> (Chroma, f64) {
    let sum = estimates
        .iter()
        .fold([0.0; 2], |sum, each| [sum[0] + each[0], sum[1] + each[1]]);
    let length = sum[0].hypot(sum[1]).max(1e-9);
    let [cb, cr] = sum.map(|v| v / length);
    let mut along: Vec<f64> = estimates.iter().map(|e| e[0] * cb + e[1] * cr).collect();
    let mut aside: Vec<f64> = estimates
        .iter()
        .map(|e| (e[1] * cb - e[0] * cr).abs())
        .collect();
    let least = along.iter().fold(f64::MAX, |m, v| m.min(*v)).max(0.0);
    let agreed = least >= ALIKE * percentile(&mut along, 0.5)
        && percentile(&mut aside, 0.5) <= ASIDE * least;
    ([cb, cr], if agreed { least } else { 0.0 })
}

/// Cb and Cr at middle luma of light with these components.
fn at_middle([red, green, blue]: [f64; 3]) -> Chroma {
    let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    let scale = MIDDLE / luma.max(1e-9);
    [
        (blue - luma) / 1.8556 * scale,
        (red - luma) / 1.5748 * scale,
    ]
}

/// Means of `width` × `height` parts of a plane that is not smaller, nearly.
fn means(plane: &Bytes, width: usize, height: usize) -> Vec<f32> {
    // A plane of luma may lack the last odd row or column that chroma has.
    let part = |at: usize, parts: usize, all: usize| {
        let from = (at * all / parts).min(all.saturating_sub(1));
        from..((at + 1) * all / parts).max(from + 1)
    };
    let mut means = Vec::with_capacity(width * height);
    for y in 0..height {
        let rows = part(y, height, plane.height);
        for x in 0..width {
            let columns = part(x, width, plane.width);
            let rows = rows.clone().map(|y| &plane.row(y)[columns.clone()]);
            let count = rows.len() * columns.len();
            let sum: u32 = rows.flatten().map(|code| u32::from(*code)).sum();
            means.push(sum as f32 / count as f32);
        }
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_common_is_the_least_along_the_mean() {
        let (direction, size) = common(&[[-8.0, 6.0], [-4.0, 3.0], [-12.0, 9.0]]);
        assert!((direction[0] + 0.8).abs() < 1e-9 && (size - 5.0).abs() < 1e-9);
        // One says nothing; and they are of different minds.
        assert_eq!(common(&[[-30.0, 30.0], [-28.0, 30.0], [-4.0, 4.0]]).1, 0.0);
        assert_eq!(
            common(&[[9.0, -12.0], [9.0, 12.0], [10.0, -11.0], [10.0, 11.0]]).1,
            0.0
        );
    }

    #[test]
    fn means_are_of_all_samples() {
        let plane = Bytes {
            width: 6,
            height: 4,
            codes: (0..24).collect(),
        };
        assert_eq!(means(&plane, 3, 2), [3.5, 5.5, 7.5, 15.5, 17.5, 19.5]);
    }
}
