//! `aquatint devices`: the devices that can render.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::super::args::Devices;
use super::super::problem::{Problem, TRY_AGAIN, UNAVAILABLE};
use super::{print, print_json};
use crate::graph::gpu::{AdapterFacts, adapters};
use crate::hardware::{self, Cpu, GpuFacts, GpuNow, Memory, Recording};
use crate::media::bytes_in_words;
use crate::render::{card_of, machine, write_report};

pub fn run(args: &Devices) -> Result<u8, Problem> {
    if let Some(path) = &args.record {
        return record(path, args.seconds);
    }
    let adapters = adapters();
    if args.json {
        print_json(&listed(&adapters))?;
    } else {
        print(&text(&adapters))?;
    }
    Ok(0)
}

/// What `--json` prints: the adapters, and the processor at the end.
fn listed(adapters: &[AdapterFacts]) -> Vec<Value> {
    let mut devices: Vec<Value> = Vec::new();
    for adapter in adapters {
        let mut facts = serde_json::to_value(adapter).unwrap_or_default();
        facts["auto"] = json!(auto(adapters) == Some(adapter.index));
        facts["tier"] = json!(machine(Some(adapter)).tier());
        if let Some((index, card)) = card_of(adapter) {
            facts["card"] = json!(card);
            facts["now"] = json!(now(index, &card));
        }
        devices.push(facts);
    }
    devices.push(json!({
        "index": null, "name": "cpu", "kind": "cpu", "software": true, "auto": auto(adapters).is_none(),
        "tier": machine(None).tier(), "cpu": Cpu::this(), "memory": Memory::this(),
    }));
    devices
}

/// How the card with this index fares.
fn now(index: usize, card: &GpuFacts) -> Option<GpuNow> {
    Some(GpuNow {
        memory: card.memory,
        reading: hardware::monitor()?.read(index).ok()?,
    })
}

/// The adapter that `--device auto` takes.
fn auto(adapters: &[AdapterFacts]) -> Option<usize> {
    adapters
        .iter()
        .find(|adapter| !adapter.software)
        .map(|adapter| adapter.index)
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
    let chosen = auto(adapters);
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
            .and_then(|(index, card)| now(index, &card))
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
