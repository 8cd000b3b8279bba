//! Channels of numbers of one size, and what a network does with them that needs no product of matrices.

use rayon::prelude::*;

use super::super::rgb::Rgb;

/// Channels, each row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Maps {
    pub width: usize,
    pub height: usize,
    pub values: Vec<f32>,
}

impl Maps {
    /// R, G and B of a picture.
    pub fn of(picture: &Rgb) -> Self {
        Self {
            width: picture.width,
            height: picture.height,
            values: picture.values.clone(),
        }
    }

    /// A picture of three channels.
    pub fn rgb(self) -> Rgb {
        Rgb {
            width: self.width,
            height: self.height,
            values: self.values,
        }
    }

    /// Numbers of a channel.
    pub fn area(&self) -> usize {
        self.width * self.height
    }

    /// How many channels there are.
    pub fn channels(&self) -> usize {
        self.values.len() / self.area()
    }

    /// Maps of another size, each channel made of the one of these.
    fn each(&self, width: usize, height: usize, fill: impl Fn(&[f32], &mut [f32]) + Sync) -> Self {
        let mut values = vec![0.0; self.channels() * width * height];
        values
            .par_chunks_exact_mut(width * height)
            .zip(self.values.par_chunks_exact(self.area()))
            .for_each(|(new, old)| fill(old, new));
        Self {
            width,
            height,
            values,
        }
    }

    /// With `border` more numbers on each side, mirrored at the outermost ones.
    pub fn reflected(&self, border: usize) -> Self {
        let (width, height) = (self.width + 2 * border, self.height + 2 * border);
        let at: Vec<usize> = (0..width)
            .map(|x| mirrored(x, border, self.width))
            .collect();
        self.each(width, height, |old, new| {
            for (y, row) in new.chunks_exact_mut(width).enumerate() {
                let from = mirrored(y, border, self.height) * self.width;
                let from = &old[from..from + self.width];
                row[border..border + self.width].copy_from_slice(from);
                for x in (0..border).chain(border + self.width..width) {
                    row[x] = from[at[x]];
                }
            }
        })
    }

    /// Slopes of what [`Maps::reflected`] was given, from those of what it gave.
    pub fn reflected_back(&self, border: usize) -> Self {
        let (width, height) = (self.width - 2 * border, self.height - 2 * border);
        let at: Vec<usize> = (0..self.width)
            .map(|x| mirrored(x, border, width))
            .collect();
        self.each(width, height, |old, new| {
            for (y, row) in old.chunks_exact(self.width).enumerate() {
                let to = mirrored(y, border, height) * width;
                let to = &mut new[to..to + width];
                for (sum, value) in to.iter_mut().zip(&row[border..border + width]) {
                    *sum += value;
                }
                for x in (0..border).chain(border + width..self.width) {
                    to[at[x]] += row[x];
                }
            }
        })
    }

    /// Each number becomes 2×2, with values between those of its neighbours: a quarter and three quarters of the way.
    pub fn doubled(&self) -> Self {
        let (width, height) = (2 * self.width, 2 * self.height);
        let across = between(self.width);
        let down = between(self.height);
        self.each(width, height, |old, new| {
            let mut wide = vec![0.0; self.height * width];
            for (old, wide) in old
                .chunks_exact(self.width)
                .zip(wide.chunks_exact_mut(width))
            {
                for (value, [near, far]) in wide.iter_mut().zip(&across) {
                    *value = 0.75 * old[*near] + 0.25 * old[*far];
                }
            }
            for (new, [near, far]) in new.chunks_exact_mut(width).zip(&down) {
                let rows = wide[near * width..].iter().zip(&wide[far * width..]);
                for (value, (near, far)) in new.iter_mut().zip(rows) {
                    *value = 0.75 * near + 0.25 * far;
                }
            }
        })
    }

    /// Slopes of what [`Maps::doubled`] was given, from those of what it gave.
    pub fn doubled_back(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let across = between(width);
        let down = between(height);
        self.each(width, height, |old, new| {
            let mut wide = vec![0.0; height * self.width];
            for (row, [near, far]) in old.chunks_exact(self.width).zip(&down) {
                for (place, weight) in [(near, 0.75), (far, 0.25)] {
                    let sums = wide[place * self.width..].iter_mut();
                    for (sum, value) in sums.zip(row) {
                        *sum += weight * value;
                    }
                }
            }
            for (new, wide) in new
                .chunks_exact_mut(width)
                .zip(wide.chunks_exact(self.width))
            {
                for (value, [near, far]) in wide.iter().zip(&across) {
                    new[*near] += 0.75 * value;
                    new[*far] += 0.25 * value;
                }
            }
        })
    }

    /// Means of 2×2; an odd last row or column is left out.
    pub fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        self.each(width, height, |old, new| {
            for (y, row) in new.chunks_exact_mut(width).enumerate() {
                let (first, second) =
                    old[2 * y * self.width..][..2 * self.width].split_at(self.width);
                let pairs = first.chunks_exact(2).zip(second.chunks_exact(2));
                for (value, (a, b)) in row.iter_mut().zip(pairs) {
                    *value = (a[0] + a[1] + b[0] + b[1]) * 0.25;
                }
            }
        })
    }

    /// Slopes of what [`Maps::halved`] was given, which had this width and height, from those of what it gave.
    pub fn halved_back(&self, width: usize, height: usize) -> Self {
        self.each(width, height, |old, new| {
            for (y, row) in new
                .chunks_exact_mut(width)
                .take(2 * self.height)
                .enumerate()
            {
                let from = &old[y / 2 * self.width..][..self.width];
                for (pair, value) in row.chunks_exact_mut(2).zip(from) {
                    pair.fill(value * 0.25);
                }
            }
        })
    }

    /// Adds others of the same size.
    pub fn add(&mut self, other: &Self) {
        for (sum, value) in self.values.iter_mut().zip(&other.values) {
            *sum += value;
        }
    }
}

/// The place before a border was added, of a row or column after it.
fn mirrored(at: usize, border: usize, length: usize) -> usize {
    let at = at.abs_diff(border);
    if at < length {
        at
    } else {
        2 * (length - 1) - at
    }
}

/// For each place after doubling `length`: the nearest one before it, and its neighbour on the other side.
fn between(length: usize) -> Vec<[usize; 2]> {
    let place = |at: usize| {
        let near = at / 2;
        let far = if at % 2 == 0 {
            near.saturating_sub(1)
        } else {
            (near + 1).min(length - 1)
        };
        [near, far]
    };
    (0..2 * length).map(place).collect()
}

/// The sum of `values`, in lanes that a processor adds at once, always in the same order.
pub fn sum(values: impl ExactSizeIterator<Item = f32>) -> f32 {
    const LANES: usize = 16;
    let mut lanes = [0.0f32; LANES];
    for (index, value) in values.enumerate() {
        lanes[index % LANES] += value;
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maps(width: usize, height: usize) -> Maps {
        let values = (0..2 * width * height).map(|i| (i * i % 17) as f32 - 8.0);
        Maps {
            width,
            height,
            values: values.collect(),
        }
    }

    fn dot(a: &Maps, b: &Maps) -> f32 {
        assert_eq!((a.width, a.height), (b.width, b.height));
        sum(a.values.iter().zip(&b.values).map(|(a, b)| a * b))
    }

    #[test]
    fn borders_mirror_and_halves_are_means() {
        let row = Maps {
            width: 3,
            height: 2,
            values: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        };
        let wide = row.reflected(1);
        assert_eq!(wide.values[..5], [5.0, 4.0, 5.0, 6.0, 5.0]);
        assert_eq!(wide.values[5..10], [2.0, 1.0, 2.0, 3.0, 2.0]);
        assert_eq!(row.halved().values, [3.0]);
    }

    /// What carries slopes back is the transpose of what went forward: `f(a) · b = a · f_back(b)`.
    #[test]
    fn slopes_go_back_where_numbers_came_from() {
        let a = maps(6, 8);
        let b = maps(10, 12);
        assert_eq!(dot(&a.reflected(2), &b), dot(&a, &b.reflected_back(2)));
        let b = maps(12, 16);
        assert_eq!(dot(&a.doubled(), &b), dot(&a, &b.doubled_back()));
        let (a, b) = (maps(7, 9), maps(3, 4));
        assert_eq!(dot(&a.halved(), &b), dot(&a, &b.halved_back(7, 9)));
    }
}
