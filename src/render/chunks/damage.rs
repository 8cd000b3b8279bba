//! Difference and sum of damage counters.

use crate::media::Damage;

/// The damage found since `before`.
pub(super) fn since(now: &Damage, before: &Damage) -> Damage {
    Damage {
        damaged_frames: now.damaged_frames.saturating_sub(before.damaged_frames),
        refused_packets: now.refused_packets.saturating_sub(before.refused_packets),
        unreadable: now.unreadable.saturating_sub(before.unreadable),
        bad_times: now.bad_times.saturating_sub(before.bad_times),
        resized: now.resized.saturating_sub(before.resized),
        misplaced: now.misplaced.saturating_sub(before.misplaced),
        missing: now.missing.clone(),
        truncated: now.truncated.clone(),
        aspects: now
            .aspects
            .get(before.aspects.len()..)
            .unwrap_or_default()
            .to_vec(),
        holes: now
            .holes
            .get(before.holes.len()..)
            .unwrap_or_default()
            .to_vec(),
        holes_closed: now.holes_closed,
    }
}

/// The sum of two parts.
pub(super) fn sum(a: Damage, b: &Damage) -> Damage {
    let mut sum = Damage {
        damaged_frames: a.damaged_frames + b.damaged_frames,
        refused_packets: a.refused_packets + b.refused_packets,
        unreadable: a.unreadable + b.unreadable,
        bad_times: a.bad_times + b.bad_times,
        resized: a.resized + b.resized,
        misplaced: a.misplaced + b.misplaced,
        missing: a.missing.or_else(|| b.missing.clone()),
        truncated: a.truncated.or_else(|| b.truncated.clone()),
        aspects: a.aspects,
        holes: a.holes,
        holes_closed: a.holes_closed,
    };
    for change in &b.aspects {
        sum.add_aspect(*change);
    }
    for hole in &b.holes {
        sum.add_hole(*hole, b.holes_closed);
    }
    sum
}
