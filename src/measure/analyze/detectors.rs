//! All detectors of pictures.

use super::Detector;
use super::banding::Banding;
use super::bars::Bars;
use super::black_frozen::BlackFrozen;
use super::blur::Blur;
use super::cadence::Cadence;
use super::chroma_shift::ChromaShift;
use super::colour::Colour;
use super::compression::Compression;
use super::content::Content;
use super::damage::Damage;
use super::dropouts::Dropouts;
use super::dust::Dust;
use super::flashes::Flashes;
use super::flicker::Flicker;
use super::interlacing::Interlacing;
use super::levels::Levels;
use super::noise::Noise;
use super::scenes::Scenes;
use super::scratches::Scratches;
use super::steadiness::Steadiness;
use super::tape::Tape;

/// One of each.
pub fn detectors() -> Vec<Box<dyn Detector>> {
    vec![
        Box::new(Content::default()),
        Box::new(Scenes::default()),
        Box::new(Cadence::default()),
        Box::new(Interlacing::default()),
        Box::new(Bars::default()),
        Box::new(BlackFrozen::default()),
        Box::new(Noise::default()),
        Box::new(Blur::default()),
        Box::new(Compression::default()),
        Box::new(Banding::default()),
        Box::new(Flicker::default()),
        Box::new(Flashes::default()),
        Box::new(Steadiness::default()),
        Box::new(Dust::default()),
        Box::new(Scratches::default()),
        Box::new(Tape::default()),
        Box::new(ChromaShift::default()),
        Box::new(Dropouts::default()),
        Box::new(Levels::default()),
        Box::new(Colour::default()),
        Box::new(Damage::default()),
    ]
}
