pub mod across;
pub mod carry;
pub mod down;
pub mod paint;
pub mod pigment;
pub mod reduce;
pub mod rim;
pub mod tiny;
pub mod wash;

/// Brightness of a colour (BT.601 weights).
#[inline(always)]
fn luma(r: f32, g: f32, b: f32) -> f32 {
    0.299 * r + 0.587 * g + 0.114 * b
}
