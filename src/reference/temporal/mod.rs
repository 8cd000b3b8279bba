pub mod adaptive;
pub mod ema;
pub mod motion;
