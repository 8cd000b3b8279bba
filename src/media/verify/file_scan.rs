//! A file read from beginning to end.

use std::sync::Arc;

use super::Header;
use super::audio_offset::AudioProbe;
use crate::frame::{Rational, Span};
use crate::media::error::Result;
use crate::media::fnv::{FNV_EMPTY, fnv1a};
use crate::media::info::{SourceInfo, StreamKind};
use crate::media::source::{Damage, Source, SourceEvent};

/// What a file holds.
pub(super) struct FileScan {
    pub info: SourceInfo,
    pub header: Arc<Header>,
    pub time_base: Rational,
    pub frames: Vec<Span>,
    pub damage: Damage,
    /// For each stream.
    pub packets: Vec<Packets>,
    /// What is heard of each stream of sound.
    pub probes: Vec<(usize, AudioProbe)>,
}

/// The packets of a stream.
#[derive(Clone, Default)]
pub(super) struct Packets {
    pub count: u64,
    pub bytes: u64,
    /// FNV-1a over the bytes of all of them.
    pub digest: u64,
    /// Seconds, by the file's clock.
    pub times: Vec<f64>,
    /// When the last one ends, in seconds.
    pub end: f64,
}

/// What of a packet is its content, whatever container it is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    Plain,
    /// AAC in a transport stream has a header on every packet (ISO/IEC 14496-3, 1.A.2), which others keep apart.
    Adts,
    /// Subtitles are followed by empty ones in some containers.
    Words,
}

impl Framing {
    fn content(self, data: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Words if data.is_empty() || data == [0, 0] => None,
            Self::Adts => match data {
                [0xff, second, ..] if second & 0xf6 == 0xf0 => {
                    // With or without a checksum.
                    data.get(if second & 1 == 1 { 7 } else { 9 }..)
                }
                _ => Some(data),
            },
            _ => Some(data),
        }
    }
}

impl FileScan {
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
        while let Some(event) = source.next_event()? {
            match event {
                SourceEvent::Frame(frame, _) => frames.push(frame.span),
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
