pub mod contrast;
pub mod grade;
pub mod grain;
pub mod vignette;

use super::Row;

/// The alpha of `row`; 1 if it has none.
fn carry_alpha(row: Row<'_>, out: &mut [f32]) {
    match row.alpha() {
        Some(alpha) => out.copy_from_slice(alpha),
        None => out.fill(1.0),
    }
}
