//! A muxer that corrects the times of packets.

use crate::frame::Rational;
use crate::media::av::{AvError, Muxer, Packet, ffi};
use crate::media::part::Part;

/// A file being muxed, with a correction of times.
pub(crate) struct StreamMuxer {
    pub muxer: Muxer,
    /// The part of the source that is rendered; `None` means all.
    part: Option<Part>,
    /// Delay of the packets of a stream, in seconds: see [`CodecParams::missing_delay`].
    delays: Vec<(usize, Rational)>,
    /// Last decoding time written to each stream.
    last: Vec<Option<i64>>,
    /// First decoding time of each stream of sound or pictures, where the container begins with it.
    zeros: Option<Vec<Option<i64>>>,
    /// Number of time stamps that were changed.
    pub moved: u64,
}

impl StreamMuxer {
    /// Takes an output whose header is written.
    pub fn new(muxer: Muxer, part: Option<Part>, delays: Vec<(usize, Rational)>) -> Self {
        Self {
            delays,
            zeros: muxer.begins_at_zero().then(Vec::new),
            muxer,
            part,
            last: Vec::new(),
            moved: 0,
        }
    }

    /// Writes a packet to stream `to`. Decoding times must increase; where they do not (a coarse time base, a damaged
    /// source), the packet's time is changed.
    pub fn write(&mut self, mut packet: Packet, to: usize) -> Result<(), AvError> {
        let unit = self.muxer.time_base(to);
        let given = packet.time_base;
        let delay = self.delays.iter().find(|(stream, _)| *stream == to);
        let delay = delay.map_or(0, |(_, delay)| delay.rescale(1, unit));
        let at = |ticks: Option<i64>| {
            let moved = |t| {
                self.part
                    .as_ref()
                    .map_or(t, |part| part.output_ticks(t, given))
            };
            ticks.map(|t| given.rescale(moved(t), unit).saturating_add(delay))
        };
        let (mut pts, mut dts) = (at(packet.pts()), at(packet.dts()));
        if let Some(zeros) = &mut self.zeros
            && self.muxer.is_audio_or_video(to)
        {
            if zeros.len() <= to {
                zeros.resize(to + 1, None);
            }
            zeros[to] = zeros[to].or(dts).or(pts);
            let zero = zeros[to].unwrap_or(0);
            let from_zero = |ticks: i64| ticks.saturating_sub(zero);
            (pts, dts) = (pts.map(from_zero), dts.map(from_zero));
        }
        let duration = given.rescale(packet.duration(), unit);
        if self.last.len() <= to {
            self.last.resize(to + 1, None);
        }
        let last = &mut self.last[to];
        dts = dts.or(pts).or(last.map(|l| l + duration.max(1)));
        pts = pts.or(dts);
        if let (Some(previous), Some(now)) = (*last, dts)
            && now <= previous
        {
            dts = Some(previous + 1);
            self.moved += 1;
        }
        if let (Some(d), Some(p)) = (dts, pts)
            && p < d
        {
            pts = Some(d);
        }
        *last = dts.or(*last);
        let or_none = |ticks: Option<i64>| ticks.unwrap_or(ffi::AV_NOPTS_VALUE);
        packet.set_times(or_none(pts), or_none(dts), duration, unit);
        self.muxer.write(&mut packet, to)
    }
}
