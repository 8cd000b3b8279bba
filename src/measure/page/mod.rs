//! Pages about videos: one HTML file each, which needs no network, can be read without its script, and printed. They are made
//! from plain data; all text in it is escaped.

mod analysed;
mod axis;
mod compared;
mod document;
mod embedded;
mod image;
mod measured;
mod plot;
#[cfg(test)]
mod sample;
mod series;
mod swipe;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod thin;
mod timeline;
mod tuned;

pub use analysed::{Advice, AnalysisFinding, AnalysisPage};
pub use compared::{Column, ComparePage};
pub use embedded::Embedded;
pub use image::embedded;
pub use measured::{FramePair, MeasurePage};
pub use series::MetricSeries;
pub use text::clock;
pub use tuned::{Dot, DotPlot, TriedRow, TunedPage};
