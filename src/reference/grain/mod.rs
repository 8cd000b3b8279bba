pub mod across;
pub mod apart;
pub mod count;
pub mod lay;
pub mod remove;
mod taps;
mod tones;
