//! Classes of machines, by the memory of the graphics card that renders.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A class of machines. A preset can ask for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tier {
    /// The processor renders.
    #[serde(rename = "cpu")]
    Cpu,
    /// A graphics card with less than 8 GB, or one whose memory is not known.
    #[serde(rename = "gpu-4")]
    Gpu4,
    /// 8 GB or more.
    #[serde(rename = "gpu-8")]
    Gpu8,
    /// 12 GB or more.
    #[serde(rename = "gpu-12")]
    Gpu12,
    /// 16 GB or more.
    #[serde(rename = "gpu-16")]
    Gpu16,
    /// 24 GB or more.
    #[serde(rename = "gpu-24+")]
    Gpu24,
    /// An Apple chip, whose graphics share the memory of the processor.
    #[serde(rename = "apple")]
    Apple,
}

const GB: u64 = 1 << 30;

/// Cards tell a little less than what is written on them: 24 GB with error correction are 22.5.
const NEARLY: f64 = 0.93;

/// The share of its memory that an Apple chip gives to graphics.
const APPLE_SHARE: f64 = 2.0 / 3.0;

impl Tier {
    /// All, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::Cpu,
        Self::Gpu4,
        Self::Gpu8,
        Self::Gpu12,
        Self::Gpu16,
        Self::Gpu24,
        Self::Apple,
    ];

    /// The word for it: `gpu-8`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu4 => "gpu-4",
            Self::Gpu8 => "gpu-8",
            Self::Gpu12 => "gpu-12",
            Self::Gpu16 => "gpu-16",
            Self::Gpu24 => "gpu-24+",
            Self::Apple => "apple",
        }
    }

    /// The tier that `text` names.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.name() == text)
    }

    /// Bytes of memory that a card of this tier has at least.
    fn least(self) -> u64 {
        match self {
            Self::Cpu | Self::Gpu4 | Self::Apple => 0,
            Self::Gpu8 => 8 * GB,
            Self::Gpu12 => 12 * GB,
            Self::Gpu16 => 16 * GB,
            Self::Gpu24 => 24 * GB,
        }
    }

    /// The tier of a card with so many bytes of memory.
    fn of_memory(bytes: u64) -> Self {
        let tiers = [Self::Gpu24, Self::Gpu16, Self::Gpu12, Self::Gpu8];
        let reaches = |tier: &Self| bytes as f64 >= NEARLY * tier.least() as f64;
        tiers.into_iter().find(reaches).unwrap_or(Self::Gpu4)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What renders, as far as its tier depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    Cpu,
    /// A graphics card, and the bytes of its memory where they are known.
    Gpu(Option<u64>),
    /// An Apple chip, and the bytes of memory of the machine where they are known.
    Apple(Option<u64>),
}

impl Machine {
    /// Its tier.
    pub fn tier(self) -> Tier {
        match self {
            Self::Cpu => Tier::Cpu,
            Self::Gpu(memory) => Tier::of_memory(memory.unwrap_or(0)),
            Self::Apple(_) => Tier::Apple,
        }
    }

    /// Whether it has what `asked` stands for: a larger card does for a smaller one, and an Apple chip for a card with as
    /// much memory as it gives to graphics.
    pub fn meets(self, asked: Tier) -> bool {
        let reaches = |memory: f64| memory >= NEARLY * asked.least() as f64;
        match (self, asked) {
            (_, Tier::Cpu) | (Self::Apple(_), Tier::Apple | Tier::Gpu4) => true,
            (Self::Cpu, _) | (Self::Gpu(_), Tier::Apple) => false,
            (Self::Gpu(memory), _) => reaches(memory.unwrap_or(0) as f64),
            (Self::Apple(memory), _) => reaches(APPLE_SHARE * memory.unwrap_or(0) as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_fall_into_the_tier_that_is_written_on_them() {
        const MIB: u64 = 1 << 20;
        for (card, mib, tier) in [
            ("GTX 1050 Ti", 4040, Tier::Gpu4),
            ("RTX 2060", 6144, Tier::Gpu4),
            ("RTX 3070", 8192, Tier::Gpu8),
            ("RTX 3080", 10240, Tier::Gpu8),
            ("GTX 1080 Ti", 11264, Tier::Gpu8),
            ("RTX 4070", 12282, Tier::Gpu12),
            ("T4", 15360, Tier::Gpu16),
            ("RTX 4090", 24564, Tier::Gpu24),
            ("A10G", 23028, Tier::Gpu24),
            ("H100", 81559, Tier::Gpu24),
        ] {
            assert_eq!(Machine::Gpu(Some(mib * MIB)).tier(), tier, "{card}");
        }
        assert_eq!(Machine::Gpu(None).tier(), Tier::Gpu4);
        assert_eq!(Machine::Cpu.tier(), Tier::Cpu);
        for tier in Tier::ALL {
            assert_eq!(Tier::named(tier.name()), Some(tier));
            assert_eq!(serde_json::to_value(tier).unwrap(), tier.name());
        }
        assert_eq!(Tier::named("gpu-7"), None);
    }

    #[test]
    fn what_is_larger_does_for_what_is_smaller() {
        let card = Machine::Gpu(Some(12 * GB));
        assert!(
            [Tier::Cpu, Tier::Gpu4, Tier::Gpu8, Tier::Gpu12].map(|it| card.meets(it)) == [true; 4]
        );
        assert!(!card.meets(Tier::Gpu16) && !card.meets(Tier::Apple));
        assert!(!Machine::Cpu.meets(Tier::Gpu4) && Machine::Cpu.meets(Tier::Cpu));
        assert!(!Machine::Gpu(None).meets(Tier::Gpu8) && Machine::Gpu(None).meets(Tier::Gpu4));
        let apple = Machine::Apple(Some(16 * GB));
        assert!(apple.meets(Tier::Apple) && apple.meets(Tier::Gpu8) && !apple.meets(Tier::Gpu16));
    }
}
