//! A file read from beginning to end.

use std::hash::Hasher;
use std::sync::Arc;

use super::Header;
use super::sound::Ear;
use crate::frame::{Rational, Span};
use crate::media::error::Result;
use crate::media::info::{SourceInfo, StreamKind};
use crate::media::source::{Damage, Event, Source};

/// What a file holds.
pub(super) struct Survey {
    pub info: SourceInfo,
    pub header: Arc<Header>,
    pub time_base: Rational,
    pub frames: Vec<Span>,
    pub damage: Damage,
    /// For each stream.
    pub packets: Vec<Packets>,
    /// What is heard of each stream of sound.
    pub ears: Vec<(usize, Ear)>,
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
}

impl Survey {
    pub fn of(mut source: Source) -> Result<Self> {
        let header = source.header();
        let count = header.streams.len();
        let mut packets = vec![Packets::default(); count];
        let mut ears: Vec<(usize, Ear)> = header
            .streams
            .iter()
            .enumerate()
            .filter(|(_, stream)| stream.kind == StreamKind::Audio)
            .filter_map(|(index, stream)| Some((index, Ear::open(stream)?)))
            .collect();
        let mut frames = Vec::new();
        while let Some(event) = source.next_event()? {
            match event {
                Event::Frame(frame, _) => frames.push(frame.span),
                Event::Packet(packet) => {
                    let index = packet.stream();
                    packets[index].push(&packet);
                    let ear = ears.iter_mut().find(|(stream, _)| *stream == index);
                    if let Some((_, ear)) = ear {
                        ear.push(Some(&packet));
                    }
                }
            }
        }
        for (_, ear) in &mut ears {
            ear.push(None);
        }
        Ok(Self {
            info: source.info().clone(),
            time_base: source.time_base(),
            damage: source.damage().clone(),
            header,
            frames,
            packets,
            ears,
        })
    }
}

impl Packets {
    fn push(&mut self, packet: &crate::media::av::Packet) {
        let mut hasher = Fnv(match self.count {
            0 => 0xcbf2_9ce4_8422_2325,
            _ => self.digest,
        });
        hasher.write(packet.data());
        self.digest = hasher.finish();
        self.count += 1;
        self.bytes += packet.data().len() as u64;
        if let Some(at) = packet.pts().or(packet.dts()) {
            self.times.push(packet.time_base.seconds(at));
        }
    }
}

struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
