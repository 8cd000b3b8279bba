//! What is wrong with a file, and what it is: detectors that see all its frames once.

mod banding;
mod bars;
mod black_frozen;
mod blur;
mod bytes;
mod cadence;
mod change;
mod chroma_shift;
mod colour;
mod compression;
mod content;
mod cut_sense;
mod damage;
mod detectors;
mod dropouts;
mod dust;
#[cfg(test)]
mod every;
mod fields;
mod file;
mod finding;
mod flashes;
mod flicker;
mod gradual;
mod interlacing;
mod levels;
mod motion;
mod moved;
mod noise;
mod page;
mod recommend;
mod run;
mod scenes;
mod scratches;
mod sound;
mod steadiness;
mod tape;
mod view;

pub use detectors::detectors;
pub use finding::{Finding, MOST_PLACES, Worst};
pub use page::page;
pub use recommend::{Recommendation, mended, mending};
pub use run::{Analysis, Analyze};
pub use view::{Detector, SMALL, View};
