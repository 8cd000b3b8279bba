//! Decides what a job does when its graphics card gets hot, or its memory runs low. Pure: readings in, steps out.

use super::{GpuFacts, GpuReading};

/// From this temperature on there is a warning, in degrees Celsius.
pub(super) const WARM: u32 = 80;
/// From this temperature on, rendering pauses between frames.
const HOT: u32 = 90;
/// Below this temperature it goes on.
const COOL: u32 = 85;

/// Memory is low below this share of the card's, or below this number of bytes.
const LITTLE_SHARE: f64 = 0.05;
const LITTLE_BYTES: u64 = 256 << 20;
/// Readings from one step to the next, so that what the first one freed is seen.
const BETWEEN_STEPS: u32 = 3;

/// Frames in flight on a card that has enough memory.
pub const FRAMES_IN_FLIGHT: usize = 3;

/// What is to be done after a reading, and said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Response {
    /// Whether no frame may begin.
    pub pause: bool,
    /// Frames that may be in flight.
    pub frames: usize,
    /// Whether work that could be done elsewhere is to leave the card.
    pub spare: bool,
    /// What a person should know now.
    pub say: Vec<String>,
}

/// The state of a card under load.
#[derive(Clone, Debug)]
pub(super) struct Strain {
    facts: GpuFacts,
    warned: bool,
    paused: bool,
    frames: usize,
    spare: bool,
    /// Readings until the next step may be taken.
    wait: u32,
}

impl Strain {
    pub fn new(facts: GpuFacts) -> Self {
        Self {
            facts,
            warned: false,
            paused: false,
            frames: FRAMES_IN_FLIGHT,
            spare: false,
            wait: 0,
        }
    }

    /// What a reading leads to.
    pub fn after(&mut self, reading: &GpuReading) -> Response {
        let mut say = Vec::new();
        self.heat(reading, &mut say);
        self.memory(reading, &mut say);
        Response {
            pause: self.paused,
            frames: self.frames,
            spare: self.spare,
            say,
        }
    }

    fn heat(&mut self, reading: &GpuReading, say: &mut Vec<String>) {
        let Some(degrees) = reading.temperature else {
            // Nobody knows when it would be cool again.
            self.paused = false;
            return;
        };
        let name = &self.facts.name;
        if degrees >= WARM && !self.warned {
            self.warned = true;
            let cap = power_cap(&self.facts, reading);
            let cap = cap.map_or(String::new(), |cap| {
                format!("; a lower power limit keeps it cooler: {cap}")
            });
            say.push(format!(
                "{name} is at {degrees} °C: from {HOT} °C on, rendering pauses between frames{cap}"
            ));
        }
        if degrees >= HOT && !self.paused {
            self.paused = true;
            say.push(format!(
                "{name} is at {degrees} °C: rendering pauses until it is below {COOL} °C"
            ));
        } else if degrees < COOL && self.paused {
            self.paused = false;
            say.push(format!("{name} is at {degrees} °C: rendering goes on"));
        }
    }

    fn memory(&mut self, reading: &GpuReading, say: &mut Vec<String>) {
        self.wait = self.wait.saturating_sub(1);
        let little = (self.facts.memory as f64 * LITTLE_SHARE) as u64;
        let free = reading.memory_free(&self.facts);
        let Some(free) = free.filter(|&free| free < little.max(LITTLE_BYTES)) else {
            return;
        };
        if self.wait > 0 || self.spare {
            return;
        }
        self.wait = BETWEEN_STEPS;
        let low = format!(
            "{} has only {} MB of memory left",
            self.facts.name,
            free / 1_000_000
        );
        if self.frames > 1 {
            self.frames -= 1;
            let frames = match self.frames {
                1 => "1 frame is".to_owned(),
                many => format!("{many} frames are"),
            };
            say.push(format!(
                "{low}: from now on {frames} in flight; the pictures stay the same"
            ));
        } else {
            self.spare = true;
            say.push(format!(
                "{low}: video is decoded by the processor from the next chunk on. If rendering fails, close what else uses the card, render fewer outputs at a time or a smaller size, or use --device cpu"
            ));
        }
    }
}

/// The command that sets a lower power limit on a card: four fifths of what it has now. Nobody runs it here.
pub fn power_cap(facts: &GpuFacts, reading: &GpuReading) -> Option<String> {
    let now = reading
        .power_limit
        .or(facts.power_limits.map(|limits| limits.usual))?;
    let least = facts.power_limits.map_or(0.0, |limits| limits.least);
    let watts = (0.8 * now).max(least).round();
    let card = facts.uuid.as_deref().or(facts.pci.as_deref());
    let card = card.map_or(String::new(), |card| format!("-i {card} "));
    (watts > 0.0 && watts < now).then(|| format!("sudo nvidia-smi {card}-pl {watts:.0}"))
}

#[cfg(test)]
mod tests {
    use super::super::recording::tests::session;
    use super::*;

    #[test]
    fn the_recorded_session_leads_through_all_steps() {
        let session = session();
        let gpu = &session.gpus[0];
        let mut strain = Strain::new(gpu.facts.clone());
        let responses: Vec<Response> = gpu.readings.iter().map(|it| strain.after(it)).collect();
        let said: Vec<&str> = responses
            .iter()
            .flat_map(|it| it.say.iter().map(String::as_str))
            .collect();
        let parts = [
            "is at 81 °C: from 90 °C on, rendering pauses between frames; a lower power limit keeps it cooler: sudo nvidia-smi -i GPU-8f2a1c3e-0000-4000-8000-0123456789ab -pl 176",
            "2 frames are in flight",
            "is at 90 °C: rendering pauses until it is below 85 °C",
            "1 frame is in flight",
            "is at 84 °C: rendering goes on",
            "video is decoded by the processor",
        ];
        assert_eq!(said.len(), parts.len(), "{said:#?}");
        for (said, part) in said.iter().zip(parts) {
            assert!(said.contains(part), "no {part:?} in {said:?}");
        }
        // Paused at 90, 91, 88 and 86 degrees, and at no other time.
        let paused: Vec<Option<u32>> = gpu
            .readings
            .iter()
            .zip(&responses)
            .filter(|(_, response)| response.pause)
            .map(|(reading, _)| reading.temperature)
            .collect();
        assert_eq!(paused, [90, 91, 88, 86].map(Some));
        let mut frames: Vec<usize> = responses.iter().map(|it| it.frames).collect();
        frames.dedup();
        assert_eq!(frames, [3, 2, 1]);
        assert!(responses.last().unwrap().spare && !responses[0].spare);
    }

    #[test]
    fn a_cool_card_with_room_is_left_alone() {
        let facts = session().gpus[0].facts.clone();
        let mut strain = Strain::new(facts.clone());
        let calm = GpuReading {
            temperature: Some(79),
            memory_used: Some(facts.memory / 2),
            ..GpuReading::default()
        };
        for _ in 0..9 {
            assert_eq!(
                strain.after(&calm),
                Response {
                    frames: FRAMES_IN_FLIGHT,
                    ..Response::default()
                }
            );
        }
        // A card that stops telling its temperature does not stop the render for ever.
        let hot = GpuReading {
            temperature: Some(95),
            ..GpuReading::default()
        };
        assert!(strain.after(&hot).pause);
        assert!(!strain.after(&GpuReading::default()).pause);
    }

    #[test]
    fn a_power_limit_below_what_the_card_allows_is_not_advised() {
        let mut facts = session().gpus[0].facts.clone();
        let reading = |limit| GpuReading {
            power_limit: Some(limit),
            ..GpuReading::default()
        };
        assert!(
            power_cap(&facts, &reading(110.0))
                .unwrap()
                .ends_with("-pl 100")
        );
        assert_eq!(power_cap(&facts, &reading(100.0)), None);
        facts.power_limits = None;
        assert_eq!(power_cap(&facts, &GpuReading::default()), None);
    }
}
