//! Finds the card that a graphics adapter is.

use super::GpuFacts;

/// The index of the card that the adapter called `name` is: by its place on the PCI bus where that is known, else by its
/// name. Several cards of one name cannot be told apart without that place: then it is none of them.
pub fn gpu_of(gpus: &[GpuFacts], name: &str, pci: Option<&str>) -> Option<usize> {
    if let Some(pci) = pci.and_then(pci_address) {
        return gpus.iter().position(|gpu| gpu.pci.as_deref() == Some(&pci));
    }
    let mut named = gpus
        .iter()
        .enumerate()
        .filter(|(_, gpu)| gpu.name.eq_ignore_ascii_case(name));
    match (named.next(), named.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}

/// A place on the PCI bus as it is written most often, `0000:01:00.0`. Drivers write the domain with four digits or with
/// eight, or leave it out.
pub(super) fn pci_address(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let parts: Vec<&str> = lower.split(':').collect();
    let (domain, bus, rest) = match parts[..] {
        [domain, bus, rest] => (domain, bus, rest),
        [bus, rest] => ("0", bus, rest),
        _ => return None,
    };
    let (device, function) = rest.split_once('.').unwrap_or((rest, "0"));
    let number = |text: &str| u32::from_str_radix(text, 16).ok();
    Some(format!(
        "{:04x}:{:02x}:{:02x}.{:x}",
        number(domain)?,
        number(bus)?,
        number(device)?,
        number(function)?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_found_by_their_place_or_by_a_name_that_only_one_has() {
        let gpu = |name: &str, pci: &str| GpuFacts {
            name: name.to_owned(),
            pci: pci_address(pci),
            ..GpuFacts::default()
        };
        let gpus = [
            gpu("A", "00000000:01:00.0"),
            gpu("B", "00000000:41:00.0"),
            gpu("A", "00000001:C1:00.0"),
        ];
        assert_eq!(gpu_of(&gpus, "b", None), Some(1));
        assert_eq!(gpu_of(&gpus, "A", None), None);
        assert_eq!(gpu_of(&gpus, "A", Some("0001:c1:00.0")), Some(2));
        assert_eq!(gpu_of(&gpus, "A", Some("01:00.0")), Some(0));
        assert_eq!(gpu_of(&gpus, "B", Some("0000:99:00.0")), None);
        assert_eq!(gpu_of(&gpus, "C", None), None);
        assert_eq!(pci_address("nonsense"), None);
    }
}
