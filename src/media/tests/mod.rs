//! Round trips through real files. The `ffmpeg` tool checks the results independently.

mod decoding;
mod described;
mod faults;
mod fidelity;
mod pictures;
mod planning;
mod ranges;
mod streams;
mod support;
mod turned;
