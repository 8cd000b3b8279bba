//! Kernels against their twins, plans against each other, styles against truth from elsewhere.

#[cfg(feature = "video")]
mod ascii;
mod bench_program;
mod canny;
mod cartoon;
mod chains;
mod cinematic;
mod clocks;
mod comic;
mod compilers;
mod conformance;
mod external;
mod facts;
mod flow;
mod gaussian;
mod generators;
mod glitch;
mod golden;
mod histories;
mod in_flight;
mod live;
mod measure;
mod models;
mod motion;
mod pencil;
mod planes;
mod plans;
mod resize;
mod scenes;
mod shader_stats;
#[path = "../src/skip.rs"]
mod skip;
mod sources;
mod spaces;
mod support;
mod temporal;
mod tracks;
mod watercolor;
mod webgpu;
mod windows;
mod workgroups;
