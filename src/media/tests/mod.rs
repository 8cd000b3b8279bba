//! Round trips through real files, with the `ffmpeg` tool as a third party that says what is in them.

mod described;
mod faults;
mod fidelity;
mod pictures;
mod planning;
mod ranges;
mod streams;
mod support;
