//! Ways to render, from the best to the fastest.

use super::{UNCHANGED, UPSCALE};
use crate::hardware::Tier;
use crate::render::request::{ParamValues, RenderRequest, SettingValue};

/// The scale of pictures that are enlarged.
const TWICE: &str = "2";

/// A way to render.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// The effort of enlarging; none where the pictures are not enlarged.
    pub effort: Option<&'static str>,
    /// The preset of the encoder; none leaves it as it is.
    pub encoder: Option<&'static str>,
    /// The machines for which it is taken where no time is given.
    pub tiers: &'static [Tier],
}

const LARGE: &[Tier] = &[Tier::Gpu12, Tier::Gpu16, Tier::Gpu24];
const MIDDLE: &[Tier] = &[Tier::Gpu8, Tier::Apple];
const SMALL: &[Tier] = &[Tier::Cpu, Tier::Gpu4];
const EVERY: &[Tier] = &Tier::ALL;

/// The ways of a render that enlarges, or not, and whose encoder is open, or not: the best first, never none.
pub fn levels(enlarges: bool, encodes: bool) -> Vec<Level> {
    let level = |effort, encoder, tiers| Level {
        effort,
        encoder: Some(encoder).filter(|_| encodes),
        tiers,
    };
    let all = match enlarges {
        true => vec![
            level(Some("high"), "slow", LARGE),
            level(Some("medium"), "medium", MIDDLE),
            level(Some("low"), "medium", SMALL),
            level(Some("low"), "veryfast", &[]),
            level(None, "veryfast", &[]),
            level(None, "ultrafast", &[]),
        ],
        false => vec![
            level(None, "slow", &[]),
            level(None, "medium", EVERY),
            level(None, "veryfast", &[]),
            level(None, "ultrafast", &[]),
        ],
    };
    // Without an encoder to choose, some are the same.
    let mut ways: Vec<Level> = Vec::new();
    for level in all {
        match ways
            .iter_mut()
            .find(|known| (known.effort, known.encoder) == (level.effort, level.encoder))
        {
            Some(known) if known.tiers.is_empty() => known.tiers = level.tiers,
            Some(_) => {}
            None => ways.push(level),
        }
    }
    ways
}

impl Level {
    /// `request` in this way: where it enlarges, with the style that does so at the end of its chain.
    pub fn applied(&self, request: &RenderRequest) -> RenderRequest {
        let mut request = request.clone();
        if let Some(encoder) = self.encoder {
            request.encoder_preset = Some(encoder.to_owned());
        }
        let Some(effort) = self.effort else {
            return request;
        };
        let chain = request.style.take().filter(|style| style != UNCHANGED);
        request.style = Some(match chain {
            Some(chain) => format!("{chain}+{UPSCALE}"),
            None => UPSCALE.to_owned(),
        });
        request.scale = SettingValue::parse(TWICE);
        let mut set = request.set.take().unwrap_or_default().0;
        let param = format!("{UPSCALE}.effort=");
        if !set.iter().any(|set| set.trim_start().starts_with(&param)) {
            set.push(param + effort);
        }
        request.set = ParamValues::of(&set);
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_way_for_every_machine() {
        for (enlarges, encodes) in [(true, true), (true, false), (false, true), (false, false)] {
            let all = levels(enlarges, encodes);
            for tier in Tier::ALL {
                let count = all
                    .iter()
                    .filter(|level| level.tiers.contains(&tier))
                    .count();
                assert_eq!(count, 1, "{enlarges} {encodes} {}", tier.name());
            }
        }
        assert_eq!(levels(false, false).len(), 1);
        assert_eq!(levels(true, false).len(), 4);
    }

    #[test]
    fn only_ways_with_an_effort_enlarge() {
        let request = RenderRequest {
            style: Some("despeckle".to_owned()),
            ..RenderRequest::default()
        };
        let all = levels(true, true);
        let best = all[0].applied(&request);
        assert_eq!(best.style.as_deref(), Some("despeckle+upscale"));
        assert_eq!(best.set.unwrap().0, ["upscale.effort=high"]);
        let last = all.last().unwrap().applied(&request);
        assert_eq!((&last.style, last.scale), (&request.style, None));
        assert_eq!(last.encoder_preset.as_deref(), Some("ultrafast"));
        // What a person asks for is not taken away.
        let own = RenderRequest {
            style: Some("upscale".to_owned()),
            scale: SettingValue::parse("2"),
            ..RenderRequest::default()
        };
        for level in levels(false, true) {
            let applied = level.applied(&own);
            assert_eq!((&applied.style, applied.scale), (&own.style, own.scale));
        }
    }
}
