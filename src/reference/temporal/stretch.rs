//! A small image stretched over a picture, row by row: bilinear, as `NAME_sample` of a kernel.

/// Pixels that lie between the same two columns of the small image.
struct Stretch {
    left: usize,
    right: usize,
    /// Interpolation weight of the second column, per pixel.
    across: Vec<f32>,
}

/// Where the pixels of a row lie between the columns of the small image.
pub struct Stretches(Vec<Stretch>);

/// Where pixel `at` of `count` lies between `size` pixels: the one before it, and how far it is to the next one.
pub fn place(at: usize, count: usize, size: usize) -> (i64, f32) {
    let position = (at as f32 + 0.5) / count as f32 * size as f32 - 0.5;
    let base = position.floor();
    (base as i64, position - base)
}

impl Stretches {
    /// For a row of `width` columns, stretched over `count` pixels.
    pub fn new(width: usize, count: usize) -> Self {
        let column = |x: i64| x.clamp(0, width as i64 - 1) as usize;
        let places: Vec<_> = (0..count).map(|x| place(x, count, width)).collect();
        let stretches = places
            .chunk_by(|(a, _), (b, _)| a == b)
            .map(|pixels| Stretch {
                left: column(pixels[0].0),
                right: column(pixels[0].0 + 1),
                across: pixels.iter().map(|(_, across)| *across).collect(),
            });
        Self(stretches.collect())
    }

    /// Interpolates `between`, a row of the small image.
    pub fn fill(&self, between: &[f32], out: &mut [f32]) {
        let mut rest = out;
        for stretch in &self.0 {
            let (left, step) = (
                between[stretch.left],
                between[stretch.right] - between[stretch.left],
            );
            let (pixels, after) = rest.split_at_mut(stretch.across.len());
            // The small image is a quarter of the picture: most stretches are four pixels.
            match (
                pixels.first_chunk_mut::<4>(),
                stretch.across.first_chunk::<4>(),
            ) {
                (Some(pixels), Some(across)) if stretch.across.len() == 4 => {
                    *pixels = across.map(|across| left + step * across);
                }
                _ => {
                    for (out, across) in pixels.iter_mut().zip(&stretch.across) {
                        *out = left + step * across;
                    }
                }
            }
            rest = after;
        }
    }
}
