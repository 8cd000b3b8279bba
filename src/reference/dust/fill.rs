use crate::color::bounds::greater;
use crate::reference::{Image, Io, Out};

/// Specks, and the pixels beside them, are the mean of the frames before and after; pixels at their corners are half of it.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let own = io.here_of("image", 0);
    let mut out = out.rgba();
    for (channel, out) in out.iter_mut().enumerate() {
        out.copy_from_slice(own.channel(channel));
    }
    let specks = io.image("specks");
    let y = io.y as i64;
    let rows = [y - 1, y, y + 1].map(|y| specks.clamped_row(y).r());
    if rows.iter().all(|row| row.iter().all(|speck| *speck == 0.0)) {
        return;
    }
    let down = io.param("down");
    let frames = [-1, 1].map(|offset| io.image_of("image", offset));
    let side = 4 * down as usize;
    let chosen = io.image("chosen").clamped_row((io.y / side) as i64);
    let vectors = [0, 1, 2, 3].map(|channel| chosen.channel(channel));
    let last = rows[0].len() - 1;
    for x in 0..=last {
        let near = [x.saturating_sub(1), x, (x + 1).min(last)];
        let [above, here, below] = rows.map(|row| near.map(|x| row[x]));
        let beside = greater(greater(above[1], below[1]), greater(here[0], here[2]));
        let corners = greater(greater(above[0], above[2]), greater(below[0], below[2]));
        let share = greater(greater(here[1], beside), 0.5 * corners);
        if share == 0.0 {
            continue;
        }
        let block = (x / side).min(vectors[0].len() - 1);
        let v = vectors.map(|channel| down * channel[block]);
        let at = [x as i64, y];
        let before = moved(frames[0], at, [v[0], v[1]]);
        let after = moved(frames[1], at, [v[2], v[3]]);
        for channel in 0..3 {
            let mean = 0.5 * (before[channel] + after[channel]);
            let out = &mut out[channel][x];
            *out += (mean - *out) * share;
        }
    }
}

/// An image at `at` + `v`, bilinear.
fn moved(image: &Image, at: [i64; 2], v: [f32; 2]) -> [f32; 3] {
    let whole = v.map(f32::floor);
    let part = [v[0] - whole[0], v[1] - whole[1]];
    let last = image.width as i64 - 1;
    let columns = [0, 1].map(|i| (at[0] + whole[0] as i64 + i).clamp(0, last) as usize);
    let rows = [0, 1].map(|j| image.clamped_row(at[1] + whole[1] as i64 + j));
    [0, 1, 2].map(|channel| {
        let [above, below] = rows.map(|row| {
            let [a, b] = columns.map(|x| row.channel(channel)[x]);
            a + (b - a) * part[0]
        });
        above + (below - above) * part[1]
    })
}
