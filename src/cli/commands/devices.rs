//! `aquatint devices`: the devices that can render.

use std::fmt::Write;

use serde_json::{Value, json};

use super::super::args::Devices;
use super::super::problem::Problem;
use super::{print, print_json};
use crate::graph::gpu::{AdapterFacts, adapters};

pub fn run(args: &Devices) -> Result<u8, Problem> {
    let adapters = adapters();
    if args.json {
        let cpu = json!({"index": null, "name": "cpu", "kind": "cpu", "software": true, "auto": auto(&adapters).is_none()});
        let mut devices: Vec<Value> = Vec::new();
        for adapter in &adapters {
            let mut facts = serde_json::to_value(adapter).unwrap_or_default();
            facts["auto"] = json!(auto(&adapters) == Some(adapter.index));
            devices.push(facts);
        }
        devices.push(cpu);
        print_json(&devices)?;
    } else {
        print(&text(&adapters))?;
    }
    Ok(0)
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

/// A line for each device; a star marks the one that `--device auto` takes.
pub fn text(adapters: &[AdapterFacts]) -> String {
    let mut out = String::new();
    let chosen = auto(adapters);
    let star = |taken: bool| if taken { '*' } else { ' ' };
    for adapter in adapters {
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "{} {:<3} {} ({}, {}, {}{})",
            star(chosen == Some(adapter.index)),
            adapter.index,
            adapter.name,
            adapter.kind,
            adapter.backend,
            adapter.driver,
            place(adapter)
        );
    }
    let _ = writeln!(
        out,
        "{} cpu the processor, {} threads",
        star(chosen.is_none()),
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    );
    out
}
