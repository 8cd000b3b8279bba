pub mod adaptive;
pub mod ema;
pub mod flow;
pub mod motion;
mod stretch;
pub mod vectors;
