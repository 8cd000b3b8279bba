use crate::reference::{Io, Out, Row};

/// How far luma goes on into what is transparent, in pixels.
const REACH: i32 = 3;

/// Luma, where the picture is transparent that of what lies around: so nothing has an edge where only alpha has one.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    let luma = |row: Row<'_>, x: usize| {
        let [r, g, b] = row.rgb().map(|channel| channel[x]);
        kr * r + (1.0 - kr - kb) * g + kb * b
    };
    let here = image.row(io.y);
    for (x, out) in out.gray().iter_mut().enumerate() {
        let (own, alpha) = (luma(here, x), here.channel(3)[x]);
        if alpha >= 1.0 {
            *out = own;
            continue;
        }
        let (mut sum, mut total) = (0.0, 0.0);
        for j in -REACH..=REACH {
            let row = image.clamped_row(io.y as i64 + i64::from(j));
            for i in -REACH..=REACH {
                let at = x.saturating_add_signed(i as isize).min(image.width - 1);
                let share = row.channel(3)[at] / (1 + i * i + j * j) as f32;
                sum += share * luma(row, at);
                total += share;
            }
        }
        let around = if total > 1e-4 { sum / total } else { own };
        *out = around + alpha.clamp(0.0, 1.0) * (own - around);
    }
}
