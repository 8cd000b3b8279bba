//! Lists the graphics adapters and selects one.

use serde::Serialize;

use super::super::executor::ExecError;

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
    #[serde(skip)]
    adapter: wgpu::Adapter,
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
    /// An adapter by a part of its name, ignoring case; software adapters are included.
    Name(String),
}

impl std::str::FromStr for Wanted {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match (text, text.parse()) {
            ("auto", _) => Wanted::Auto,
            ("cpu", _) => Wanted::Cpu,
            ("gpu", _) => Wanted::Gpu,
            (_, Ok(number)) => Wanted::Number(number),
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
            Wanted::Name(name) => write!(f, "{name}"),
        }
    }
}

/// All adapters, hardware GPUs first.
pub fn adapters() -> Vec<AdapterFacts> {
    // OpenGL is used only if no other API has an adapter: it lists the same adapters again, and it makes the windowing
    // system's libraries write to stderr.
    let listed = |backends| {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
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
    let facts = |(index, adapter): (usize, wgpu::Adapter)| {
        let info = adapter.get_info();
        AdapterFacts {
            index,
            name: info.name,
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
            software: info.device_type == wgpu::DeviceType::Cpu,
            timestamps: adapter.features().contains(wgpu::Features::TIMESTAMP_QUERY),
            adapter,
        }
    };
    found.into_iter().enumerate().map(facts).collect()
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
        Wanted::Name(name) => {
            candidates.find(|a| a.name.to_lowercase().contains(&name.to_lowercase()))
        }
    };
    found.cloned().map(Some).ok_or_else(absent)
}

impl AdapterFacts {
    /// Opens the device with the features that every WebGPU implementation has, plus timestamps if available, and with
    /// the adapter's own limits for the size of buffers and textures.
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
            required_features: self.adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
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
        assert_eq!("auto".parse(), Ok(Wanted::Auto));
        assert_eq!("1".parse(), Ok(Wanted::Number(1)));
        assert_eq!("llvmpipe".parse(), Ok(Wanted::Name("llvmpipe".to_owned())));
        assert!(select(&Wanted::Cpu).unwrap().is_none());
        let error = select(&Wanted::Name("no such thing".to_owned()))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("or cpu") || error.contains("always works"),
            "{error}"
        );
    }
}
