//! `aquatint devices`: the devices that can render.

use std::fmt::Write;
use std::path::Path;

use super::super::args::Devices;
use super::super::problem::{Problem, TRY_AGAIN, UNAVAILABLE};
use super::{print, print_json};
use crate::graph::gpu::{AdapterFacts, adapters};
use crate::hardware::{self, Cpu, Memory, Recording};
use crate::media::bytes_in_words;
use crate::render::{automatic, card_now, card_of, devices, machine, write_report};

pub fn run(args: &Devices) -> Result<u8, Problem> {
    if let Some(path) = &args.record {
        return record(path, args.seconds);
    }
    match args.json {
        true => print_json(&devices())?,
        false => print(&text(&adapters()))?,
    }
    Ok(0)
}

/// The names of a card that stay the same: its place on the PCI bus and its UUID. Software adapters have no place.
fn place(adapter: &AdapterFacts) -> String {
    let names = [&adapter.pci, &adapter.uuid];
    let names = names
        .into_iter()
        .flatten()
        .filter(|_| adapter.pci.is_some());
    names.map(|name| format!(", {name}")).collect()
}

/// A line for each device, and what is known of it below; a star marks the one that `--device auto` takes.
pub fn text(adapters: &[AdapterFacts]) -> String {
    let mut out = String::new();
    let chosen = automatic(adapters);
    let star = |taken: bool| if taken { '*' } else { ' ' };
    for adapter in adapters {
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "{} {:<3} {adapter}{}",
            star(chosen == Some(adapter.index)),
            adapter.index,
            place(adapter)
        );
        let card = card_of(adapter)
            .and_then(|(index, card)| card_now(index, &card))
            .map_or(String::new(), |now| format!("; now {}", now.words()));
        let _ = writeln!(out, "      tier {}{card}", machine(Some(adapter)).tier());
    }
    let cpu = Cpu::this();
    let _ = writeln!(
        out,
        "{} cpu the processor, {} threads",
        star(chosen.is_none()),
        cpu.threads
    );
    let cores = cpu
        .cores
        .map_or(String::new(), |cores| format!(", {cores} cores"));
    let memory = Memory::this().map_or(String::new(), |memory| {
        format!(
            "; {} of {} of memory are free",
            bytes_in_words(memory.available),
            bytes_in_words(memory.total)
        )
    });
    let _ = writeln!(
        out,
        "      tier {}; {}{cores}; {}{memory}",
        machine(None).tier(),
        cpu.model,
        cpu.features.join(" ")
    );
    out
}

/// Records the readings of all cards to the file `path`, for so many seconds.
fn record(path: &Path, seconds: u32) -> Result<u8, Problem> {
    let Some(monitor) = hardware::monitor() else {
        let why = hardware::why_no_monitor().unwrap_or_default();
        return Err(Problem::new(
            UNAVAILABLE,
            format!("no graphics card can be read: {why}"),
            "only cards of NVIDIA can be recorded, with their driver",
        ));
    };
    let recording = Recording::take(&*monitor, seconds as usize + 1);
    let recording =
        recording.map_err(|error| Problem::new(TRY_AGAIN, error.to_string(), "try again"))?;
    write_report(path, &recording)?;
    Ok(0)
}
