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

/// Those that look for one of `kinds`.
pub fn detectors_of(kinds: &[String]) -> Vec<Box<dyn Detector>> {
    // What a detector that has seen nothing says tells what it looks for.
    let looked_for = detectors().into_iter().map(|idle| idle.findings());
    let all = detectors().into_iter().zip(looked_for);
    all.filter(|(_, findings)| {
        let of = |kind: &String| findings.iter().any(|finding| finding.kind == kind);
        kinds.iter().any(of)
    })
    .map(|(detector, _)| detector)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detectors_are_chosen_by_what_they_look_for() {
        let chosen = |kinds: &[&str]| {
            let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
            let findings = detectors_of(&kinds)
                .into_iter()
                .flat_map(|one| one.findings());
            findings.map(|finding| finding.kind).collect::<Vec<_>>()
        };
        assert_eq!(chosen(&["letterbox"]), ["letterbox", "pillarbox"]);
        assert_eq!(chosen(&["none"]), Vec::<&str>::new());
    }
}
