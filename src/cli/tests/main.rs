//! The program as a person runs it: its exit status, what it says, and what it leaves on the disk. FFmpeg's own
//! programs make the inputs and are the judge of the outputs.

mod analyze;
mod authors;
mod auto;
mod batch;
mod bench;
mod beside;
#[path = "../../../kernels-tests/block_styles.rs"]
mod block_styles;
mod blocks;
mod colour;
mod commands;
mod compare;
mod consistency;
mod cropping;
mod disk;
mod docs;
mod farm;
mod farm_schedulers;
mod fidelity;
mod film;
mod floats;
mod hardware;
mod levels;
mod long;
mod look;
mod luts;
mod matrices;
mod measure;
mod models;
mod neural;
mod odd_inputs;
mod onnx;
mod own_styles;
mod parallel;
mod parts;
mod pictures;
#[cfg(unix)]
mod pipes;
mod presets;
mod rate;
mod refusals;
mod reproduce;
mod restoring;
mod rotation;
mod scene_facts;
mod sequences;
mod shader;
mod size;
#[path = "../../skip.rs"]
mod skip;
mod small;
mod stopping;
#[cfg(unix)]
mod studio;
mod style_measures;
mod support;
mod telecine;
mod telling;
#[cfg(unix)]
mod terminal;
mod tracks;
mod training;
mod tune;
#[path = "../../media/tests/turned.rs"]
mod turned;
mod upscale;
mod verify;
mod watch;
