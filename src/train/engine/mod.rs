//! The arithmetic of a training, with slopes: how a loss depends on each number. The network and the comparison of patches
//! are computed here, other losses by burn; all on the processor.

mod content;
mod convolution;
mod features;
mod forward;
mod maps;
mod pairs;
mod product;
mod style;
mod tensors;

pub use content::content_loss;
pub use features::Features;
pub use forward::{Pass, run};
pub use pairs::pair_loss;
pub use style::StyleLoss;
