//! The arithmetic of a training, with gradients: by burn, on the processor.

mod content;
mod features;
mod forward;
mod pairs;
mod style;
mod tensors;

pub use content::content_loss;
pub use features::Features;
pub use forward::{Notes, forward, run};
pub use pairs::pair_loss;
pub use style::StyleLoss;
pub use tensors::{Picture4, autodiff, gradients, leaves, number};
