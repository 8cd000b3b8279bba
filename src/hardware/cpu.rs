//! The processor.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use serde::Serialize;

/// The processor, as far as this program may use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cpu {
    /// Its model, as the system names it; else its architecture.
    pub model: String,
    /// The instruction sets that matter for rendering.
    pub features: Vec<&'static str>,
    /// Cores; `None` where the system does not say.
    pub cores: Option<usize>,
    /// Threads that this program may run at the same time. Limits of a container count.
    pub threads: usize,
}

impl Cpu {
    /// That of this machine.
    pub fn this() -> Self {
        let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let (model, cores) = described(&text);
        Self {
            model: model.unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            features: features(),
            cores,
            threads: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        }
    }
}

/// The model, and the number of cores, in the text of `/proc/cpuinfo`.
fn described(text: &str) -> (Option<String>, Option<usize>) {
    let value = |block: &str, key: &str| {
        block.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.trim() == key).then(|| value.trim().to_owned())
        })
    };
    let blocks = || text.split("\n\n").filter(|block| !block.trim().is_empty());
    let core = |block| Some((value(block, "physical id")?, value(block, "core id")?));
    let cores: BTreeSet<(String, String)> = blocks().filter_map(core).collect();
    let model = value(text, "model name").or_else(|| value(text, "Model"));
    (model, Some(cores.len()).filter(|&cores| cores > 0))
}

#[cfg(target_arch = "x86_64")]
fn features() -> Vec<&'static str> {
    let all = [
        ("sse4.2", is_x86_feature_detected!("sse4.2")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512", is_x86_feature_detected!("avx512f")),
    ];
    all.into_iter()
        .filter_map(|(name, there)| there.then_some(name))
        .collect()
}

#[cfg(target_arch = "aarch64")]
fn features() -> Vec<&'static str> {
    let there = std::arch::is_aarch64_feature_detected!("neon");
    there.then_some("neon").into_iter().collect()
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn features() -> Vec<&'static str> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_counted_once_however_many_threads_they_have() {
        let thread = |socket: u32, core: u32| {
            format!(
                "processor\t: 0\nmodel name\t: A Chip\nphysical id\t: {socket}\ncore id\t\t: {core}\n"
            )
        };
        let text = [thread(0, 0), thread(0, 1), thread(0, 0), thread(1, 0)].join("\n");
        assert_eq!(described(&text), (Some("A Chip".to_owned()), Some(3)));
        assert_eq!(described(""), (None, None));
        // Arm says neither.
        let arm = "processor\t: 0\nBogoMIPS\t: 100\n\nModel\t\t: A Board\n";
        assert_eq!(described(arm), (Some("A Board".to_owned()), None));
        assert!(Cpu::this().threads > 0 && !Cpu::this().model.is_empty());
    }
}
