//! What is known of a graphics card, and what is read of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::HardwareError;
use super::strain::WARM;

/// What a graphics card is. It does not change while the program runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GpuFacts {
    pub name: String,
    /// As the driver writes it: `GPU-…`.
    #[serde(default)]
    pub uuid: Option<String>,
    /// Where it is on the PCI bus: `0000:01:00.0`.
    #[serde(default)]
    pub pci: Option<String>,
    /// Bytes of its own memory.
    pub memory: u64,
    /// Version of the driver.
    #[serde(default)]
    pub driver: Option<String>,
    #[serde(default)]
    pub power_limits: Option<PowerLimits>,
}

/// The power limits that can be set, in watts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerLimits {
    pub least: f64,
    pub usual: f64,
    pub most: f64,
}

/// What is read of a card at one moment. `None` is what the card does not say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GpuReading {
    /// Bytes of its memory in use, by all programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_used: Option<u64>,
    /// Degrees Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<u32>,
    /// Percent of the time in which it computed something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utilisation: Option<u32>,
    /// Watts that it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<f64>,
    /// Watts that it may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_limit: Option<f64>,
    /// Why its clocks are lower than they could be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub throttled: Vec<Throttle>,
    /// Sessions of its video encoder, by all programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder_sessions: Option<u32>,
}

impl GpuReading {
    /// Bytes of memory that are free on the card `facts`.
    pub fn memory_free(&self, facts: &GpuFacts) -> Option<u64> {
        Some(facts.memory.saturating_sub(self.memory_used?))
    }

    /// Whether the card is so hot that there is a warning, or that it slows down.
    pub fn is_hot(&self) -> bool {
        let thermal = [Throttle::SoftwareThermal, Throttle::HardwareThermal];
        self.temperature.is_some_and(|degrees| degrees >= WARM)
            || self.throttled.iter().any(|why| thermal.contains(why))
    }

    /// In a few words, of a card with so many bytes of memory: `71 °C, 98 %, 4.1 of 8.6 GB, 180 of 220 W`.
    pub fn words(&self, memory: u64) -> String {
        let gigabytes = |bytes: u64| bytes as f64 / 1e9;
        let of =
            |limit: Option<f64>| limit.map_or(String::new(), |watts| format!(" of {watts:.0}"));
        let parts = [
            self.temperature.map(|degrees| format!("{degrees} °C")),
            self.utilisation.map(|percent| format!("{percent} %")),
            self.memory_used
                .map(|used| format!("{:.1} of {:.1} GB", gigabytes(used), gigabytes(memory))),
            self.power
                .map(|watts| format!("{watts:.0}{} W", of(self.power_limit))),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// How a card fares at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GpuNow {
    /// Bytes of its memory.
    pub memory: u64,
    #[serde(flatten)]
    pub reading: GpuReading,
}

impl GpuNow {
    /// In a few words.
    pub fn words(&self) -> String {
        self.reading.words(self.memory)
    }
}

/// Why the clocks of a card are lower than they could be. A card that is idle is not throttled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Throttle {
    /// Somebody set its clocks.
    ClockSetting,
    /// It takes as much power as it may.
    PowerCap,
    /// The driver: it is too hot.
    SoftwareThermal,
    /// The card itself: it is too hot.
    HardwareThermal,
    /// The power supply asks for it.
    PowerBrake,
    /// The card itself, for heat or power.
    HardwareSlowdown,
    /// Another card that it keeps in step with.
    SyncBoost,
}

impl Throttle {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::ClockSetting => "its clocks are set lower",
            Self::PowerCap => "it is at its power limit",
            Self::SoftwareThermal | Self::HardwareThermal => "it is too hot",
            Self::PowerBrake => "the power supply slows it down",
            Self::HardwareSlowdown => "it slows itself down, for heat or power",
            Self::SyncBoost => "it keeps in step with another card",
        }
    }
}

/// Reads the graphics cards of a machine.
pub trait GpuMonitor: Send + Sync {
    /// The cards, in the order of the driver's numbers.
    fn gpus(&self) -> Vec<GpuFacts>;

    /// Reads the card with this index of [`Self::gpus`].
    ///
    /// # Errors
    /// `Reading` where the card is gone, or the driver refuses.
    fn read(&self, index: usize) -> Result<GpuReading, HardwareError>;

    /// Time between two readings.
    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }
}
