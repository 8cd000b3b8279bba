use crate::reference::{Io, Out};

/// The picture with its first pixel at (x, y) of the result; opaque black around it.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let (left, top) = (io.param("x") as i64, io.param("y") as i64);
    let y = io.y as i64 - top;
    let row = (0..image.height as i64)
        .contains(&y)
        .then(|| image.row(y as usize));
    // Columns of the result that the picture covers.
    let column = |x: i64| x.clamp(0, io.width as i64) as usize;
    let covered = column(left)..column(left + image.width as i64);
    for channel in 0..out.channels() {
        let line = out.channel(channel);
        line.fill(if channel == 3 { 1.0 } else { 0.0 });
        if let (Some(row), false) = (row, covered.is_empty()) {
            let first = (covered.start as i64 - left) as usize;
            let taken = &row.channel(channel)[first..first + covered.len()];
            line[covered.clone()].copy_from_slice(taken);
        }
    }
}
