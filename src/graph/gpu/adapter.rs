//! Lists the graphics adapters and selects one.

use std::sync::OnceLock;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::super::executor::ExecError;
use super::identity::identity;

/// A graphics adapter as listed by wgpu.
#[derive(Clone, Debug, Serialize)]
pub struct AdapterFacts {
    /// Index in the list, as used by `--device N`.
    pub index: usize,
    pub name: String,
    /// discrete, integrated, virtual, software or other.
    pub kind: &'static str,
    pub backend: String,
    pub driver: String,
    /// Whether the CPU emulates the GPU (Mesa's llvmpipe and the like).
    pub software: bool,
    /// Whether it has timestamps to measure passes with.
    pub timestamps: bool,
    /// Where it is on the PCI bus, as in `0000:41:00.0`; `None` where the driver does not say it.
    pub pci: Option<String>,
    /// Its UUID, of an NVIDIA card as NVIDIA's own programs write it: `GPU-…`; `None` where the driver does not say it.
    pub uuid: Option<String>,
    /// Bytes of its own memory, or of the memory that it shares; `None` where the driver does not say it.
    pub memory: Option<u64>,
    #[serde(skip)]
    vendor: u32,
    /// Its place among the kinds, the fastest first.
    #[serde(skip)]
    rank: u8,
    #[serde(skip)]
    adapter: wgpu::Adapter,
}

/// What an adapter can do, of what matters to compute passes. Sizes of memory are in bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdapterLimits {
    /// The longest side of a texture, in pixels.
    pub texture_side: u32,
    pub buffer: u64,
    pub storage_binding: u64,
    /// Memory of a workgroup.
    pub workgroup_memory: u32,
    /// The most invocations of a workgroup.
    pub workgroup_invocations: u32,
    /// The most workgroups of a dispatch in one dimension.
    pub workgroups: u32,
    /// The fewest and the most invocations of a subgroup.
    pub subgroup: (u32, u32),
    /// All features that wgpu names, whether they are used or not.
    pub features: Vec<String>,
}

/// Name, kind, API and driver in words.
impl std::fmt::Display for AdapterFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            name,
            kind,
            backend,
            driver,
            ..
        } = self;
        write!(f, "{name} ({kind}, {backend}, {driver})")
    }
}

/// The device that the user chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// A hardware GPU if there is one, else the CPU.
    #[default]
    Auto,
    Cpu,
    /// A hardware GPU; an error if there is none.
    Gpu,
    /// An adapter by its index.
    Number(usize),
    /// An adapter by its place on the PCI bus: `0000:41:00.0`, or `41:00.0`.
    Pci(String),
    /// An adapter by its UUID, or the beginning of it, with or without `GPU-`.
    Uuid(String),
    /// An adapter by a part of its name, ignoring case; software adapters are included.
    Name(String),
}

impl std::str::FromStr for Wanted {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        Ok(match (&text.to_ascii_lowercase()[..], text.parse()) {
            // Nothing is no part of a name: a variable of a script may be empty.
            ("auto" | "", _) => Wanted::Auto,
            ("cpu", _) => Wanted::Cpu,
            ("gpu", _) => Wanted::Gpu,
            (_, Ok(number)) => Wanted::Number(number),
            _ if is_pci(text) => Wanted::Pci(text.to_owned()),
            _ if is_uuid(text) => Wanted::Uuid(text.to_owned()),
            _ => Wanted::Name(text.to_owned()),
        })
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Wanted::Auto => write!(f, "auto"),
            Wanted::Cpu => write!(f, "cpu"),
            Wanted::Gpu => write!(f, "gpu"),
            Wanted::Number(number) => write!(f, "{number}"),
            Wanted::Pci(text) | Wanted::Uuid(text) | Wanted::Name(text) => write!(f, "{text}"),
        }
    }
}

/// All adapters, hardware GPUs first. They are listed once in a process, as a driver takes a while to answer: one that is
/// added later is not seen.
pub fn adapters() -> Vec<AdapterFacts> {
    static LISTED: OnceLock<Vec<AdapterFacts>> = OnceLock::new();
    LISTED.get_or_init(list).clone()
}

/// Asks the drivers for their adapters.
fn list() -> Vec<AdapterFacts> {
    let begun = Instant::now();
    // OpenGL is used only if no other API has an adapter: it lists the same adapters again, and it makes the windowing
    // system's libraries write to stderr.
    let listed = |backends| {
        let descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends,
            // No dispatch takes its size from a buffer, so that the shaders that check this need not be compiled.
            flags: descriptor.flags - wgpu::InstanceFlags::VALIDATION_INDIRECT_CALL,
            ..descriptor
        });
        pollster::block_on(instance.enumerate_adapters(backends))
    };
    let mut found = listed(wgpu::Backends::PRIMARY);
    if found.is_empty() {
        found = listed(wgpu::Backends::SECONDARY);
    }
    found.retain(|adapter| {
        adapter
            .get_downlevel_capabilities()
            .flags
            .contains(wgpu::DownlevelFlags::COMPUTE_SHADERS)
    });
    found.sort_by_key(|adapter| {
        let info = adapter.get_info();
        (
            rank(info.device_type),
            info.backend != wgpu::Backend::Vulkan,
        )
    });
    let mut found: Vec<AdapterFacts> = found.into_iter().map(AdapterFacts::of).collect();
    if let Ok(value) = std::env::var(CUDA_VISIBLE) {
        found = visible(found, &value);
    }
    for (index, adapter) in found.iter_mut().enumerate() {
        adapter.index = index;
    }
    let spent = begun.elapsed().as_millis();
    tracing::debug!("{} graphics adapters listed in {spent} ms", found.len());
    found
}

/// The variable that names the NVIDIA cards a process may use.
const CUDA_VISIBLE: &str = "CUDA_VISIBLE_DEVICES";
/// NVIDIA's number among vendors.
const NVIDIA: u32 = 0x10de;

/// The adapters that a process may use where `CUDA_VISIBLE_DEVICES` has this value, in its order: numbers of NVIDIA cards,
/// counted in the order of the PCI bus, and UUIDs or beginnings of them. As CUDA does, it reads the list up to the first
/// entry that names no card. Adapters of others stay.
fn visible(found: Vec<AdapterFacts>, value: &str) -> Vec<AdapterFacts> {
    let is_nvidia = |adapter: &AdapterFacts| adapter.vendor == NVIDIA && !adapter.software;
    let (mut cards, rest): (Vec<_>, Vec<_>) = found.into_iter().partition(is_nvidia);
    if cards.is_empty() {
        return rest;
    }
    let mut places: Vec<Option<String>> = cards.iter().map(|card| card.pci.clone()).collect();
    places.sort();
    places.dedup();
    let place_of = |entry: &str| match entry.parse::<usize>() {
        Ok(number) => places.get(number).cloned(),
        Err(_) if is_uuid(entry) => {
            let mut of = cards.iter().filter(|card| card.has_uuid(entry));
            of.next().map(|card| card.pci.clone())
        }
        Err(_) => None,
    };
    let entries = value.split(',').map(str::trim);
    let named: Vec<Option<String>> = entries.map_while(place_of).collect();
    let order = |card: &AdapterFacts| named.iter().position(|place| *place == card.pci);
    let all = cards.len();
    cards.retain(|card| order(card).is_some());
    cards.sort_by_key(order);
    tracing::info!(
        "{CUDA_VISIBLE}={value}: {} of {all} adapters of NVIDIA are used",
        cards.len()
    );
    // Discrete cards come first, as they did.
    cards.extend(rest);
    cards.sort_by_key(|adapter| adapter.rank);
    cards
}

/// Whether `text` is the place of a device on the PCI bus: `41:00.0`, perhaps after the number of its bus domain.
fn is_pci(text: &str) -> bool {
    let hex = |part: &str, digits: usize| {
        part.len() == digits && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let parts: Vec<&str> = text.split(':').collect();
    let (domain, bus, rest) = match parts[..] {
        [domain, bus, rest] => (domain, bus, rest),
        [bus, rest] => ("0000", bus, rest),
        _ => return false,
    };
    let slot = rest.split_once('.');
    // NVIDIA's programs write eight digits.
    (hex(domain, 4) || hex(domain, 8))
        && hex(bus, 2)
        && slot.is_some_and(|(device, function)| hex(device, 2) && hex(function, 1))
}

/// Bus domain, bus, device and function as they are compared: in lower case, the domain without leading zeros.
fn plain_pci(text: &str) -> String {
    let text = text.to_lowercase();
    let domain = text.matches(':').count() == 2;
    let text = if domain { text } else { format!("0:{text}") };
    let plain = text.trim_start_matches('0');
    if plain.starts_with(':') {
        format!("0{plain}")
    } else {
        plain.to_owned()
    }
}

/// Whether `text` is a UUID, or `GPU-` and the beginning of one.
fn is_uuid(text: &str) -> bool {
    let digits = plain_uuid(text);
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex && (digits.len() == 32 || digits.len() >= 4 && text.starts_with("GPU-"))
}

/// The digits of a UUID, as they are compared.
fn plain_uuid(text: &str) -> String {
    let text = text.strip_prefix("GPU-").unwrap_or(text);
    text.replace('-', "").to_lowercase()
}

fn rank(kind: wgpu::DeviceType) -> u8 {
    match kind {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    }
}

/// The adapter for `wanted`; `None` means the CPU executor. Fails if a device that was asked for explicitly does not
/// exist.
pub fn select(wanted: &Wanted) -> Result<Option<AdapterFacts>, ExecError> {
    if *wanted == Wanted::Cpu {
        return Ok(None);
    }
    let adapters = adapters();
    let list = || {
        let names: Vec<String> = adapters
            .iter()
            .map(|a| format!("{} {:?} ({})", a.index, a.name, a.backend))
            .collect();
        if names.is_empty() {
            "there is no adapter; --device cpu always works".to_owned()
        } else {
            format!("adapters: {}; or cpu", names.join(", "))
        }
    };
    let absent = || ExecError::NoDevice {
        wanted: wanted.to_string(),
        available: list(),
    };
    let mut candidates = adapters.iter();
    let found = match wanted {
        Wanted::Auto | Wanted::Cpu => return Ok(candidates.find(|a| !a.software).cloned()),
        Wanted::Gpu => candidates.find(|a| !a.software),
        Wanted::Number(number) => candidates.find(|a| a.index == *number),
        Wanted::Pci(place) => candidates.find(|a| a.is_at(place)),
        Wanted::Uuid(uuid) => candidates.find(|a| a.has_uuid(uuid)),
        Wanted::Name(name) => {
            candidates.find(|a| a.name.to_lowercase().contains(&name.to_lowercase()))
        }
    };
    found.cloned().map(Some).ok_or_else(absent)
}

impl AdapterFacts {
    fn of(adapter: wgpu::Adapter) -> Self {
        let info = adapter.get_info();
        let identity = identity(&adapter);
        let software = info.device_type == wgpu::DeviceType::Cpu;
        let uuid = identity.uuid.map(|uuid| match info.vendor {
            NVIDIA => format!("GPU-{uuid}"),
            _ => uuid,
        });
        Self {
            index: 0,
            kind: match info.device_type {
                wgpu::DeviceType::DiscreteGpu => "discrete",
                wgpu::DeviceType::IntegratedGpu => "integrated",
                wgpu::DeviceType::VirtualGpu => "virtual",
                wgpu::DeviceType::Cpu => "software",
                wgpu::DeviceType::Other => "other",
            },
            backend: info.backend.to_string(),
            driver: format!("{} {}", info.driver, info.driver_info)
                .trim()
                .to_owned(),
            software,
            timestamps: adapter.features().contains(wgpu::Features::TIMESTAMP_QUERY),
            pci: Some(info.device_pci_bus_id).filter(|place| !place.is_empty()),
            uuid,
            // What a software adapter says of the computer's memory is a number that somebody chose.
            memory: identity.memory.filter(|_| !software),
            vendor: info.vendor,
            rank: rank(info.device_type),
            name: info.name,
            adapter,
        }
    }

    /// Whether it is at this place on the PCI bus.
    fn is_at(&self, place: &str) -> bool {
        let own = self.pci.as_deref().map(plain_pci);
        own == Some(plain_pci(place))
    }

    /// Whether its UUID begins with this one.
    fn has_uuid(&self, uuid: &str) -> bool {
        let own = self.uuid.as_deref().map(plain_uuid);
        own.is_some_and(|own| own.starts_with(&plain_uuid(uuid)))
    }

    /// Whether it is the same card as `other`, which another driver may list, too.
    pub fn is_card_of(&self, other: &Self) -> bool {
        self.pci.is_some() && self.pci == other.pci
    }

    /// Whether it is the card with this UUID.
    pub(super) fn is_card(&self, uuid: &str) -> bool {
        let own = self.uuid.as_deref().map(plain_uuid);
        own.is_some_and(|own| own == plain_uuid(uuid))
    }

    /// What it can do.
    pub fn limits(&self) -> AdapterLimits {
        let offered = self.adapter.limits();
        let info = self.adapter.get_info();
        let features = self.adapter.features();
        AdapterLimits {
            texture_side: offered.max_texture_dimension_2d,
            buffer: offered.max_buffer_size,
            storage_binding: offered.max_storage_buffer_binding_size,
            workgroup_memory: offered.max_compute_workgroup_storage_size,
            workgroup_invocations: offered.max_compute_invocations_per_workgroup,
            workgroups: offered.max_compute_workgroups_per_dimension,
            subgroup: (info.subgroup_min_size, info.subgroup_max_size),
            features: features
                .iter_names()
                .map(|(name, _)| name.to_owned())
                .collect(),
        }
    }

    /// Opens the device with the features that every WebGPU implementation has, plus timestamps and memory that can be
    /// shared if available, and with the adapter's own limits for the size of buffers and textures.
    pub(super) fn open(&self) -> Result<(wgpu::Device, wgpu::Queue), ExecError> {
        let offered = self.adapter.limits();
        let limits = wgpu::Limits {
            max_texture_dimension_2d: offered.max_texture_dimension_2d,
            max_buffer_size: offered.max_buffer_size,
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            ..wgpu::Limits::defaults()
        };
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("aquatint"),
            required_features: self.adapter.features()
                & (wgpu::Features::TIMESTAMP_QUERY | wgpu::Features::VULKAN_EXTERNAL_MEMORY_FD),
            required_limits: limits.or_worse_values_from(&offered),
            ..Default::default()
        };
        pollster::block_on(self.adapter.request_device(&descriptor)).map_err(|error| {
            ExecError::Lost {
                device: self.name.clone(),
                message: error.to_string(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_devices() {
        let name = |text: &str| Wanted::Name(text.to_owned());
        for (text, wanted) in [
            ("auto", Wanted::Auto),
            ("", Wanted::Auto),
            ("CPU", Wanted::Cpu),
            ("1", Wanted::Number(1)),
            ("41", Wanted::Number(41)),
            ("llvmpipe", name("llvmpipe")),
            ("41:00.0", Wanted::Pci("41:00.0".to_owned())),
            ("0000:C1:00.0", Wanted::Pci("0000:C1:00.0".to_owned())),
            ("GPU-8f0c", Wanted::Uuid("GPU-8f0c".to_owned())),
            (
                "8f0c5d4e-0001-0002-0003-a0b1c2d3e4f5",
                Wanted::Uuid("8f0c5d4e-0001-0002-0003-a0b1c2d3e4f5".to_owned()),
            ),
            // What only looks like one.
            ("GPU-", name("GPU-")),
            ("41:00", name("41:00")),
            ("deadbeef", name("deadbeef")),
            ("xx:00.0", name("xx:00.0")),
        ] {
            assert_eq!(text.parse(), Ok(wanted), "{text}");
        }
        assert!(select(&Wanted::Cpu).unwrap().is_none());
        for absent in ["no such thing", "0000:ff:1f.7", "GPU-ffffffff"] {
            let error = select(&absent.parse().unwrap()).unwrap_err().to_string();
            assert!(
                error.contains(absent)
                    && (error.contains("or cpu") || error.contains("always works")),
                "{error}"
            );
        }
    }

    #[test]
    fn places_on_the_bus_are_compared_as_they_are_written() {
        for (a, b) in [
            ("0000:41:00.0", "41:00.0"),
            ("00000000:C1:00.0", "0000:c1:00.0"),
        ] {
            assert_eq!(plain_pci(a), plain_pci(b));
        }
        assert_ne!(plain_pci("0001:41:00.0"), plain_pci("41:00.0"));
    }

    /// Eight cards of NVIDIA in the order of the loader, which is not that of the bus, and another adapter.
    fn cards(real: &AdapterFacts) -> Vec<AdapterFacts> {
        let card = |bus: u8| AdapterFacts {
            name: format!("card at {bus:x}"),
            pci: Some(format!("0000:{bus:02x}:00.0")),
            uuid: Some(format!("GPU-{bus:02x}000000-0000-0000-0000-000000000000")),
            vendor: NVIDIA,
            software: false,
            rank: 0,
            ..real.clone()
        };
        let mut all: Vec<_> = [0x41, 0x01, 0xc1, 0x81].map(card).into();
        all.push(AdapterFacts {
            vendor: 0x8086,
            rank: 1,
            name: "another".to_owned(),
            ..real.clone()
        });
        all
    }

    #[test]
    fn a_process_uses_the_cards_that_cuda_shows_it() {
        let Some(real) = adapters().into_iter().next() else {
            crate::skip::skip(
                "no graphics adapter",
                "install mesa-vulkan-drivers for software Vulkan",
            );
            return;
        };
        let names = |value: &str| {
            let seen = visible(cards(&real), value);
            let names = seen.into_iter().map(|card| card.name);
            names.collect::<Vec<_>>().join(", ")
        };
        // Numbers count along the bus: 01, 41, 81, c1.
        assert_eq!(names("1"), "card at 41, another");
        assert_eq!(names("3, 0"), "card at c1, card at 1, another");
        assert_eq!(names("GPU-81000000,1"), "card at 81, card at 41, another");
        // As CUDA does: nothing after the first entry that names no card, and no card where there is none.
        assert_eq!(names("0,-1,1"), "card at 1, another");
        assert_eq!(names("9"), "another");
        assert_eq!(names(""), "another");
        let all = cards(&real);
        assert!(all[2].is_at("C1:00.0") && !all[2].is_at("41:00.0"));
        assert!(all[0].has_uuid("GPU-4100") && !all[1].has_uuid("GPU-4100"));
        assert!(!all[0].is_card_of(&all[1]) && all[0].is_card_of(&all[0].clone()));
    }
}
