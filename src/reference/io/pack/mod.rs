pub mod coding;
pub mod direct;
pub mod gray;
pub mod subsampled;
pub mod taps;
