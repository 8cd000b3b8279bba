//! Code outside the graph that a plan runs at a node.

use super::executor::Instant;
use super::plan::ImageDesc;

/// An image given to external code, or made by it: 32-bit words, pixel after pixel, the channels of a pixel side by side.
/// They are the bits of floats, or a buffer's words.
#[derive(Clone, Debug)]
pub struct ExternalImage {
    pub image: ImageDesc,
    pub words: Vec<u32>,
}

/// Code that makes the image of a node of kind [`External`](super::plan::NodeKind::External): a neural model, for example.
/// The steps before it are complete when it runs, and those after it begin when it is done. What it makes depends on what
/// it is given alone: what is carried from frame to frame is the graph's, as windows and histories.
pub trait External: Send {
    /// Makes the image `made` of the frame `instant` from `inputs`, which are in the order of the node's; a window gives
    /// one image for each of its frames. The error says what failed.
    fn run(
        &mut self,
        instant: &Instant,
        inputs: &[ExternalImage],
        made: &ImageDesc,
    ) -> Result<Vec<u32>, String>;
}
