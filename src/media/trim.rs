//! Trims packets to a range of time.

use std::ops::Range;

use super::av::Packet;
use super::info::StreamKind;
use crate::frame::Rational;

/// Where a packet lies relative to a range.
pub(crate) enum Trimmed {
    Before,
    Within(Packet),
    /// A subtitle that began before the range; its start is moved to the start of the range.
    AlreadyShown(Packet),
    After(Packet),
}

/// Trims a packet to `range`, in ticks of `unit`. An audio packet that overlaps the start is kept whole: it cannot be
/// trimmed without decoding.
pub(crate) fn trim(
    mut packet: Packet,
    kind: StreamKind,
    range: &Range<i64>,
    unit: Rational,
) -> Trimmed {
    let Some(at) = packet.pts().or(packet.dts()) else {
        return Trimmed::Within(packet);
    };
    let in_its_unit = |ticks: i64| match ticks {
        i64::MIN | i64::MAX => ticks,
        ticks => unit.rescale(ticks, packet.time_base),
    };
    let (start, end) = (in_its_unit(range.start), in_its_unit(range.end));
    let over = at.saturating_add(packet.duration().max(0));
    if at >= end {
        return Trimmed::After(packet);
    }
    if at < start && (over <= start || kind == StreamKind::Video) {
        return Trimmed::Before;
    }
    if kind == StreamKind::Subtitle && packet.duration() > 0 {
        packet.show(at.max(start), over.min(end));
        if at < start {
            return Trimmed::AlreadyShown(packet);
        }
    }
    Trimmed::Within(packet)
}
