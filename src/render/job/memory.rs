//! Whether the images of a graph fit into the memory of the machine.

use super::super::error::{RenderError, Result};
use crate::graph::plan::{Plan, Slot};
use crate::media::bytes_in_words;

/// Refuses a plan for the CPU whose images need more than `free` bytes: the system would end the process in the middle.
///
/// # Errors
/// `Usage`.
pub(super) fn check(plan: &Plan, free: Option<u64>) -> Result<()> {
    let slots = plan
        .slots
        .iter()
        .map(|slot| bytes(slot) * u64::from(slot.frames));
    let histories = plan
        .histories
        .iter()
        .map(|kept| bytes(&Slot::of(&kept.image)));
    let needed = slots.chain(histories).sum();
    match free {
        Some(free) if needed > free => Err(RenderError::usage(
            format!(
                "the images of this render need {} of memory, and {} are free",
                bytes_in_words(needed),
                bytes_in_words(free)
            ),
            "ask for a smaller size, or for fewer outputs at a time",
        )),
        _ => Ok(()),
    }
}

/// Of an image of the CPU, with 32 bits per channel; averages with 16 need less.
fn bytes(slot: &Slot) -> u64 {
    u64::from(slot.extent.0) * u64::from(slot.extent.1) * 4 * slot.storage.channels() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::{Coding, Color};
    use crate::frame::{Model, PixelFormat, Subsampling};
    use crate::graph::plan::{OutputRequest, PlanOptions, Source, StyleUse, Temporal, plan};
    use crate::graph::style::Library;

    #[test]
    fn images_that_do_not_fit_are_refused_with_both_sizes() {
        let library = Library::built_in();
        let style = library.load("cinematic").unwrap();
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
        let coding = Coding::resolve(&Color::default(), &format, 16000, 16000);
        let source = Source {
            width: 16000,
            height: 16000,
            coded: Some((format, coding)),
            time_base: crate::frame::Rational::new(1, 25),
            rate: crate::frame::Rational::new(25, 1),
            start: 0,
            interlaced: Default::default(),
        };
        let request = OutputRequest {
            chain: vec![StyleUse::new(style)],
            format,
            color: Color::default(),
            temporal: Temporal::Off,
        };
        let plan = plan(&library, &source, &[request], PlanOptions::default()).unwrap();
        let refused = check(&plan, Some(1 << 30)).unwrap_err();
        let words = refused.to_string();
        assert!(words.contains("GB of memory, and "), "{words}");
        assert!(check(&plan, Some(1 << 50)).is_ok());
        assert!(check(&plan, None).is_ok());
    }
}
