use multiversion::multiversion;

use crate::reference::{Io, Out};

/// For each pixel of a row: the two columns that it lies between, and the share of the second one.
struct Places {
    left: Vec<u32>,
    right: Vec<u32>,
    share: Vec<f32>,
}

/// Place of pixel `at` of `count` among `size` pixels that cover the same: the pixel before it, and how far it is from it.
fn place(at: usize, count: usize, size: usize) -> (i64, f32) {
    let position = (at as f32 + 0.5) / count as f32 * size as f32 - 0.5;
    let base = position.floor();
    (base as i64, position - base)
}

impl Places {
    fn new(count: usize, size: usize) -> Self {
        let places: Vec<(i64, f32)> = (0..count).map(|at| place(at, count, size)).collect();
        let column = |x: i64| x.clamp(0, size as i64 - 1) as u32;
        Self {
            left: places.iter().map(|(base, _)| column(*base)).collect(),
            right: places.iter().map(|(base, _)| column(base + 1)).collect(),
            share: places.iter().map(|(_, share)| *share).collect(),
        }
    }
}

#[derive(Default)]
struct Rooms {
    /// A row from the small copy, of each channel.
    fitted: [Vec<f32>; 4],
    factor: Vec<f32>,
}

/// The picture and its change: what grows with its own luma, and the rest from the small copy.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, fitted) = (io.here("image"), io.image("fitted"));
    let places = io.once(|| Places::new(io.width, fitted.width));
    let (base, share) = place(io.y, io.height, fitted.height);
    let (top, bottom) = (fitted.clamped_row(base), fitted.clamped_row(base + 1));
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    let [r, g, b] = image.rgb();
    io.with_kept(|rooms: &mut Rooms| {
        for (channel, row) in rooms.fitted.iter_mut().enumerate() {
            row.resize(fitted.width, 0.0);
            between(top.channel(channel), bottom.channel(channel), share, row);
        }
        rooms.factor.resize(io.width, 0.0);
        spread(&rooms.fitted[3], &places, &mut rooms.factor);
        let factor = &mut rooms.factor;
        for x in 0..io.width {
            factor[x] *= kr * r[x] + (1.0 - kr - kb) * g[x] + kb * b[x];
        }
        for (channel, own) in [r, g, b].into_iter().enumerate() {
            let out = out.channel(channel);
            spread(&rooms.fitted[channel], &places, out);
            for x in 0..io.width {
                out[x] = own[x] + out[x] + factor[x];
            }
        }
    });
    out.channel(3).copy_from_slice(image.channel(3));
}

#[multiversion(targets = "simd")]
fn between(top: &[f32], bottom: &[f32], share: f32, out: &mut [f32]) {
    for ((out, top), bottom) in out.iter_mut().zip(top).zip(bottom) {
        *out = top + (bottom - top) * share;
    }
}

#[multiversion(targets = "simd")]
fn spread(row: &[f32], places: &Places, out: &mut [f32]) {
    let n = out.len();
    let (left, right, share) = (&places.left[..n], &places.right[..n], &places.share[..n]);
    for x in 0..n {
        let (a, b) = (row[left[x] as usize], row[right[x] as usize]);
        out[x] = a + (b - a) * share[x];
    }
}
