pub mod adaptive;
pub mod ema;
pub mod flow;
pub mod motion;
pub(crate) mod stretch;
pub mod vectors;
