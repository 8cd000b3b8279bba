//! Reads NVIDIA cards through NVML, the library of their driver. It is loaded when it is asked for.

use nvml_wrapper::bitmasks::device::ThrottleReasons;
use nvml_wrapper::enum_wrappers::device::TemperatureSensor;
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::{Device, Nvml};

use super::HardwareError;
use super::gpu::{GpuFacts, GpuMonitor, GpuReading, PowerLimits, Throttle};
use super::matching::pci_address;

/// The library's name. The name without a number comes with packages for developers only.
const LIBRARY: &str = if cfg!(windows) {
    "nvml.dll"
} else {
    "libnvidia-ml.so.1"
};

/// The library, loaded and started.
pub(super) struct NvmlMonitor(Nvml);

impl NvmlMonitor {
    /// Loads the library and starts it; else why that cannot be, in words.
    pub fn open() -> Result<Self, String> {
        let nvml = Nvml::builder().lib_path(LIBRARY.as_ref()).init();
        nvml.map(Self).map_err(|error| match error {
            NvmlError::LibloadingError(_) => {
                format!("NVIDIA's library {LIBRARY} is not installed")
            }
            error => format!("NVIDIA's library {LIBRARY} does not start: {error}"),
        })
    }

    fn device(&self, index: usize) -> Result<Device<'_>, NvmlError> {
        self.0
            .device_by_index(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn facts(&self, device: &Device<'_>) -> Result<GpuFacts, NvmlError> {
        Ok(GpuFacts {
            name: device.name()?,
            uuid: device.uuid().ok(),
            pci: device
                .pci_info()
                .ok()
                .and_then(|pci| pci_address(&pci.bus_id)),
            memory: device.memory_info()?.total,
            driver: self.0.sys_driver_version().ok(),
            power_limits: power_limits(device),
        })
    }
}

fn power_limits(device: &Device<'_>) -> Option<PowerLimits> {
    let range = device.power_management_limit_constraints().ok()?;
    Some(PowerLimits {
        least: watts(range.min_limit),
        usual: watts(device.power_management_limit_default().ok()?),
        most: watts(range.max_limit),
    })
}

/// NVML counts milliwatts.
fn watts(milliwatts: u32) -> f64 {
    f64::from(milliwatts) / 1000.0
}

fn throttled(reasons: ThrottleReasons) -> Vec<Throttle> {
    let all = [
        (
            ThrottleReasons::APPLICATIONS_CLOCKS_SETTING | ThrottleReasons::DISPLAY_CLOCK_SETTING,
            Throttle::ClockSetting,
        ),
        (ThrottleReasons::SW_POWER_CAP, Throttle::PowerCap),
        (
            ThrottleReasons::SW_THERMAL_SLOWDOWN,
            Throttle::SoftwareThermal,
        ),
        (
            ThrottleReasons::HW_THERMAL_SLOWDOWN,
            Throttle::HardwareThermal,
        ),
        (
            ThrottleReasons::HW_POWER_BRAKE_SLOWDOWN,
            Throttle::PowerBrake,
        ),
        (ThrottleReasons::HW_SLOWDOWN, Throttle::HardwareSlowdown),
        (ThrottleReasons::SYNC_BOOST, Throttle::SyncBoost),
    ];
    let of = |(bits, why): (ThrottleReasons, Throttle)| reasons.intersects(bits).then_some(why);
    all.into_iter().filter_map(of).collect()
}

impl GpuMonitor for NvmlMonitor {
    fn gpus(&self) -> Vec<GpuFacts> {
        let count = self.0.device_count().unwrap_or(0) as usize;
        // A card that fails keeps its number, so that those after it keep theirs.
        let of = |index| {
            self.device(index)
                .and_then(|device| self.facts(&device))
                .unwrap_or_default()
        };
        (0..count).map(of).collect()
    }

    fn read(&self, index: usize) -> Result<GpuReading, HardwareError> {
        let device = self.device(index).map_err(|error| HardwareError::Reading {
            gpu: index.to_string(),
            why: error.to_string(),
        })?;
        // Each of these may be unknown to a card, as power is to some for laptops.
        let limit = device
            .enforced_power_limit()
            .or_else(|_| device.power_management_limit());
        Ok(GpuReading {
            // What the driver keeps for itself counts as used: nobody else gets it.
            memory_used: device
                .memory_info()
                .ok()
                .map(|memory| memory.total.saturating_sub(memory.free)),
            temperature: device.temperature(TemperatureSensor::Gpu).ok(),
            utilisation: device.utilization_rates().ok().map(|rates| rates.gpu),
            power: device.power_usage().ok().map(watts),
            power_limit: limit.ok().map(watts),
            throttled: device
                .current_throttle_reasons()
                .map(throttled)
                .unwrap_or_default(),
            encoder_sessions: device.encoder_stats().ok().map(|stats| stats.session_count),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_of_the_driver_become_ours() {
        assert_eq!(throttled(ThrottleReasons::GPU_IDLE), []);
        let hot = ThrottleReasons::SW_POWER_CAP | ThrottleReasons::HW_THERMAL_SLOWDOWN;
        assert_eq!(
            throttled(hot),
            [Throttle::PowerCap, Throttle::HardwareThermal]
        );
        assert_eq!(watts(220_500), 220.5);
    }

    #[test]
    fn a_machine_without_the_library_is_told_from_one_whose_driver_fails() {
        if let Err(why) = NvmlMonitor::open() {
            assert!(why.contains(LIBRARY), "{why}");
        }
    }
}
