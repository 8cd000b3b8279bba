pub mod relief;
pub mod strokes;
