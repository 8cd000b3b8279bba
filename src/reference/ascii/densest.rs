use super::inks;
use crate::reference::{Io, Out};

/// The ink of the character that has most of it, as a share of a cell.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let [columns, count] = ["atlas_columns", "count"].map(|name| io.param(name) as i32);
    let inks = inks(io.image("shapes"), columns, count);
    let most = inks.iter().map(|ninths| ninths.iter().sum::<i32>()).max();
    out.gray().fill(most.unwrap_or(1).max(1) as f32 / 2295.0);
}
