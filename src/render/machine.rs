//! The machine that a job runs on: its tier, and the card that is watched while frames are rendered.

use super::device::Choice;
use super::request::wanted;
use crate::graph::gpu::{AdapterFacts, Wanted, select};
use crate::hardware::{self, GpuFacts, Machine, Memory, Tier, Watch, gpu_of};

/// The card that `adapter` is, with its number, where cards can be read.
pub fn card_of(adapter: &AdapterFacts) -> Option<(usize, GpuFacts)> {
    let gpus = hardware::monitor()?.gpus();
    let index = gpu_of(&gpus, &adapter.name, adapter.pci.as_deref())?;
    Some((index, gpus.into_iter().nth(index)?))
}

/// What renders on `adapter`; `None` is the processor.
pub fn machine(adapter: Option<&AdapterFacts>) -> Machine {
    match adapter {
        None => Machine::Cpu,
        Some(adapter) if adapter.software => Machine::Cpu,
        Some(adapter) if adapter.backend == "metal" && adapter.name.starts_with("Apple") => {
            Machine::Apple(Memory::this().map(|memory| memory.total))
        }
        Some(adapter) => Machine::Gpu(card_of(adapter).map(|(_, card)| card.memory)),
    }
}

impl Choice {
    /// The adapter; `None` for the processor.
    fn adapter(&self) -> Option<&AdapterFacts> {
        match self {
            Self::Gpu(gpu) => Some(&gpu.adapter),
            _ => None,
        }
    }

    /// Watches the card until what is returned is dropped; `None` where no card renders, or it cannot be read.
    pub(super) fn watch(&self) -> Option<Watch> {
        let (index, _) = card_of(self.adapter()?)?;
        Watch::start(hardware::monitor()?, index)
    }

    /// What to say where the device is not of the tier `asked`, which `preset` asks for; `None` where it is.
    pub(super) fn unmet(&self, asked: Tier, preset: &str) -> Option<String> {
        let machine = machine(self.adapter());
        (!machine.meets(asked)).then(|| {
            format!(
                "the preset {preset} is meant for a machine of the tier {asked}, and {self} is of the tier {}: rendering may be slow, or run out of memory; choose another preset, a smaller --size, or another --device (`aquatint devices` lists them with their tiers)",
                machine.tier()
            )
        })
    }
}

/// The class of the machine that renders where `wanted` is asked for: that of the processor where there is no such card.
pub fn tier(wanted: &Wanted) -> Tier {
    let adapter = select(wanted).ok().flatten();
    machine(adapter.as_ref()).tier()
}

/// What renders where `device` is asked for: `cpu`, or a name of the card. Jobs on one card go one after the other; software that
/// plays a card is the processor.
pub fn renders_on(device: Option<&str>) -> String {
    match select(&wanted(device)).ok().flatten() {
        Some(adapter) if !adapter.software => format!("{} {}", adapter.index, adapter.name),
        _ => "cpu".to_owned(),
    }
}
