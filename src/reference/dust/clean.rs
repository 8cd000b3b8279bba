use crate::reference::{Io, Out};

/// 1 where a pixel was found, and enough pixels around differ by the whole threshold in the same direction; else 0.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let found = io.image("found");
    let least = io.param("least") as usize;
    let rows: [&[f32]; 5] = std::array::from_fn(|j| found.clamped_row((io.y + j) as i64 - 2).r());
    let own = rows[2];
    let last = own.len() as i64 - 1;
    for (x, out) in out.gray().iter_mut().enumerate() {
        *out = 0.0;
        if own[x] == 0.0 {
            continue;
        }
        let strong = 2.0 * own[x].signum();
        let columns = [-2, -1, 0, 1, 2].map(|i| (x as i64 + i).clamp(0, last) as usize);
        let counted = rows
            .iter()
            .map(|row| columns.iter().filter(|x| row[**x] == strong).count());
        *out = f32::from(u8::from(counted.sum::<usize>() >= least));
    }
}
