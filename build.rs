//! Tells `src/media/av/versions.rs` which FFmpeg the program is compiled for: `cfg(ffmpeg_6_1)` is set from FFmpeg 6.1 on.
//! The versions come from ffmpeg-sys-next, which has read FFmpeg's headers.

/// The versions that have changed something the program uses.
const VERSIONS: [&str; 2] = ["6_1", "7_1"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let at_least = |version: &str| {
        std::env::var(format!("DEP_FFMPEG_FFMPEG_{version}")).is_ok_and(|value| value == "true")
    };
    for version in VERSIONS {
        println!("cargo::rustc-check-cfg=cfg(ffmpeg_{version})");
        if at_least(version) {
            println!("cargo::rustc-cfg=ffmpeg_{version}");
        }
    }
    if std::env::var_os("CARGO_FEATURE_VIDEO").is_some() && !at_least("5_1") {
        println!(
            "cargo::error=FFmpeg 5.1 or later is needed, and this system has an older one: use Debian 12, Ubuntu 24.04 or later"
        );
    }
}
