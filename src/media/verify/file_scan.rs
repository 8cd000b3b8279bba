//! Reads a file from start to end and collects what is compared.

use std::sync::Arc;

use super::Header;
use super::attached::AttachedScan;
use super::audio_offset::AudioProbe;
use crate::frame::{Rational, Retimer, Retiming, Span};
use crate::media::error::Result;
use crate::media::fnv::{FNV_EMPTY, fnv1a};
use crate::media::info::{SourceInfo, StreamKind};
use crate::media::source::{Damage, Source, SourceEvent};

/// The collected facts of a file.
pub(super) struct FileScan {
    pub info: SourceInfo,
    pub header: Arc<Header>,
    pub time_base: Rational,
    pub frames: Vec<Span>,
    pub damage: Damage,
    /// Data of pictures.
    pub attached: AttachedScan,
    /// By stream index.
    pub packets: Vec<Packets>,
    /// Audio samples of each audio stream, with the stream's index.
    pub probes: Vec<(usize, AudioProbe)>,
}

/// Summary of the packets of one stream.
#[derive(Clone, Default)]
pub(super) struct Packets {
    pub count: u64,
    pub bytes: u64,
    /// FNV-1a hash of the bytes of all packets.
    pub digest: u64,
    /// In seconds, on the file's own clock.
    pub times: Vec<f64>,
    /// End of the last packet, in seconds.
    pub end: f64,
}

/// How the content of a packet is framed. Without its framing it is the same in every container.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    Plain,
    /// AAC in a transport stream: each packet has a header (ISO/IEC 14496-3, 1.A.2), which other containers store once.
    Adts,
    /// Subtitles: some containers add empty packets.
    Words,
}

impl Framing {
    fn content(self, data: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Words if data.is_empty() || data == [0, 0] => None,
            Self::Adts => match data {
                [0xff, second, ..] if second & 0xf6 == 0xf0 => {
                    // The header has 7 bytes, or 9 with a checksum.
                    data.get(if second & 1 == 1 { 7 } else { 9 }..)
                }
                _ => Some(data),
            },
            _ => Some(data),
        }
    }
}

impl FileScan {
    /// As if its frames were those that `retimings` make of them.
    pub fn retimed(mut self, retimings: &[Retiming]) -> Self {
        let Some(last) = retimings.last() else {
            return self;
        };
        // Frames of a part count from its first one.
        let start = self.info.video().start;
        let start = start.filter(|_| self.info.part.is_none());
        let mut retimer = Retimer::new(retimings, start);
        let mut frames = Vec::new();
        for span in &self.frames {
            frames.extend(retimer.push(*span));
        }
        frames.extend(retimer.finish());
        self.frames = frames;
        self.time_base = last.to;
        self
    }

    pub fn of(mut source: Source) -> Result<Self> {
        let header = source.header();
        let count = header.streams.len();
        let mut packets = vec![Packets::default(); count];
        let mut probes: Vec<(usize, AudioProbe)> = header
            .streams
            .iter()
            .enumerate()
            .filter(|(_, stream)| stream.kind == StreamKind::Audio)
            .filter_map(|(index, stream)| Some((index, AudioProbe::open(stream)?)))
            .collect();
        let transport = source.info().container.contains("mpegts");
        let framing: Vec<Framing> = header
            .streams
            .iter()
            .map(|stream| match stream.kind {
                StreamKind::Subtitle => Framing::Words,
                StreamKind::Audio if transport && stream.params.codec_name() == "aac" => {
                    Framing::Adts
                }
                _ => Framing::Plain,
            })
            .collect();
        let mut frames = Vec::new();
        let mut attached = AttachedScan::default();
        while let Some(event) = source.next_event()? {
            match event {
                SourceEvent::Frame(frame, facts) => {
                    frames.push(frame.span);
                    attached.push(facts.attached.as_deref());
                }
                SourceEvent::Packet(packet) => {
                    let index = packet.stream();
                    packets[index].push(&packet, framing[index]);
                    let probe = probes.iter_mut().find(|(stream, _)| *stream == index);
                    if let Some((_, probe)) = probe {
                        probe.push(Some(&packet));
                    }
                }
            }
        }
        for (_, probe) in &mut probes {
            probe.push(None);
        }
        Ok(Self {
            info: source.info().clone(),
            time_base: source.time_base(),
            damage: source.damage().clone(),
            attached,
            header,
            frames,
            packets,
            probes,
        })
    }
}

impl Packets {
    fn push(&mut self, packet: &crate::media::av::Packet, framing: Framing) {
        let Some(content) = framing.content(packet.data()) else {
            return;
        };
        let hash = match self.count {
            0 => FNV_EMPTY,
            _ => self.digest,
        };
        self.digest = fnv1a(hash, content);
        self.count += 1;
        self.bytes += content.len() as u64;
        if let Some(at) = packet.pts().or(packet.dts()) {
            self.times.push(packet.time_base.seconds(at));
            let end = at.saturating_add(packet.duration());
            self.end = self.end.max(packet.time_base.seconds(end));
        }
    }
}
