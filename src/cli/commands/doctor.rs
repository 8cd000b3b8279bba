//! `aquatint doctor`: what works on this machine, and what to install.

use std::fmt::Write;
use std::path::Path;

use super::super::problem::{Problem, USAGE};
use super::{devices, engines};
use super::{print, print_json};
use crate::graph::gpu::adapters;
use crate::hardware::{self, power_cap};
use crate::media::{Trial, encoders, recommended, try_encoder, versions};
use crate::render::available;

/// Below this number of free bytes there is a hint.
const LITTLE_SPACE: u64 = 2_000_000_000;

pub fn run() -> Result<u8, Problem> {
    let mut out = String::new();
    let mut advice = Vec::new();
    // Writing to a string does not fail.
    let _ = writeln!(out, "aquatint {}", env!("CARGO_PKG_VERSION"));
    let libraries: Vec<String> = versions()
        .iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    let _ = writeln!(
        out,
        "{}\n\ndevices (* is what --device auto takes)",
        libraries.join(", ")
    );
    let adapters = adapters();
    for line in devices::text(&adapters).lines() {
        let _ = writeln!(out, "  {line}");
    }
    if !adapters.iter().any(|adapter| !adapter.software) {
        advice.push("no GPU was found: rendering runs on the CPU. If this machine has a GPU, install its Vulkan driver (NVIDIA: nvidia-driver with libnvidia-gl; AMD and Intel: mesa-vulkan-drivers)".to_owned());
    }
    if adapters.is_empty() {
        advice.push("software Vulkan is missing: without a GPU, your own styles that have no CPU twin need it (mesa-vulkan-drivers)".to_owned());
    }
    out.push_str("\ngraphics cards that can be read\n");
    out.push_str(&cards(&mut advice));
    out.push_str("\nencoders\n");
    for encoder in encoders() {
        // FFmpeg puts the name of the encoder before each of its messages; it stands in this line already.
        let state = match &encoder.reason {
            Some(reason) => {
                let own = format!("{}: ", encoder.name);
                format!("does not work: {}", reason.replace(&own, ""))
            }
            None => "works".to_owned(),
        };
        let _ = writeln!(out, "  {:<12} {state}", encoder.name);
        if !encoder.works {
            advice.push(match encoder.name.as_str() {
                name if name.contains("nvenc") => format!(
                    "{name} needs an NVIDIA GPU with an encoder, and its driver; libx264 and libx265 need neither"
                ),
                name => format!("{name} needs an FFmpeg that was built with it"),
            });
        }
    }
    out.push_str("\nencoders that --codec auto takes\n");
    for recommended in recommended() {
        let _ = writeln!(out, "  {} bits: {}", recommended.bits, recommended.encoder);
        for (encoder, why) in &recommended.refused {
            let why = why.replace(&format!("{encoder}: "), "");
            let _ = writeln!(out, "    not {encoder}: {why}");
        }
    }
    out.push_str("\nneural models\n");
    out.push_str(&engines::section(&adapters, &mut advice));
    let here = Path::new(".");
    if let Some(free) = available(here) {
        let _ = writeln!(out, "\ndisk\n  {:.1} GB free here", free as f64 / 1e9);
        if free < LITTLE_SPACE {
            advice.push("there is little free space on this disk".to_owned());
        }
    }
    if !advice.is_empty() {
        out.push_str("\nhints\n");
        for line in advice {
            let _ = writeln!(out, "  {line}");
        }
    }
    print(&out)?;
    Ok(0)
}

/// A paragraph for each card that can be read; what to do about it goes to `advice`.
fn cards(advice: &mut Vec<String>) -> String {
    let Some(monitor) = hardware::monitor() else {
        let why = hardware::why_no_monitor().unwrap_or_default();
        return format!("  none: {why}\n");
    };
    let mut out = String::new();
    let gpus = monitor.gpus();
    for (index, gpu) in gpus.iter().enumerate() {
        let known = |label: &str, value: Option<&String>| {
            value.map_or(String::new(), |value| format!(", {label}{value}"))
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "  {index} {}{}{}{}",
            gpu.name,
            known("driver ", gpu.driver.as_ref()),
            known("PCI ", gpu.pci.as_ref()),
            known("", gpu.uuid.as_ref())
        );
        let reading = match monitor.read(index) {
            Ok(reading) => reading,
            Err(error) => {
                let _ = writeln!(out, "    {error}");
                continue;
            }
        };
        let _ = writeln!(out, "    {}", reading.words(gpu.memory));
        if let Some(sessions) = reading.encoder_sessions {
            let _ = writeln!(out, "    sessions of its video encoder: {sessions}");
        }
        for why in &reading.throttled {
            let _ = writeln!(out, "    slower than it could be: {}", why.words());
        }
        if let (true, Some(cap)) = (reading.is_hot(), power_cap(gpu, &reading)) {
            advice.push(format!(
                "{} is hot: a lower power limit keeps it cooler and costs little speed: {cap}",
                gpu.name
            ));
        }
    }
    if gpus.is_empty() {
        out.push_str("  none: the driver lists no card\n");
    }
    out
}

/// Opens one encoder in this process. The process that started this one ends it if the encoder hangs.
pub fn try_one(name: &str, trial: Option<&str>) -> Result<u8, Problem> {
    let Some(trial) = trial else {
        print_json(&try_encoder(name))?;
        return Ok(0);
    };
    let trial: Trial = serde_json::from_str(trial).map_err(|error| {
        Problem::new(
            USAGE,
            format!("the trial of {name} cannot be read: {error}"),
            "this command is for aquatint itself",
        )
    })?;
    print_json(&trial.run())?;
    Ok(0)
}
