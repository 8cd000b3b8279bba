//! Data that a stream carries with a picture, beside it: captions, and the data of users that only their programs know.
//!
//! Decoders give it with each picture. Encoders of H.264 and HEVC get it with the rendered picture, or it is added to
//! their packets as an SEI message (Rec. ITU-T H.264 and H.265, annex D).

use super::av::{AvFrame, ffi};
use super::encoder::encoder_option_is_on;
use super::video_plan::VideoPlan;
use crate::frame::{Frame, Rational, Span};

use std::collections::BTreeMap;
use std::sync::Arc;

use ffi::AVFrameSideDataType as Kind;

/// Bytes of one caption packet (cc_data, CTA-708): a byte of flags, and two of data.
const CAPTION: usize = 3;
/// Caption packets that one picture can carry.
const MOST_CAPTIONS: usize = 31;
/// Names of encoders (UUIDs) that write their settings as user data: x264 and x265. They are about the source's stream.
const ENCODERS: [[u8; 16]; 2] = [
    [
        0xdc, 0x45, 0xe9, 0xbd, 0xe6, 0xd9, 0x48, 0xb7, 0x96, 0x2c, 0xd8, 0x20, 0xd9, 0x23, 0xee,
        0xef,
    ],
    [
        0x2c, 0xa2, 0xde, 0x09, 0xb5, 0x17, 0x47, 0xdb, 0xbb, 0x55, 0xa4, 0xfe, 0x7f, 0xc2, 0xfc,
        0x4e,
    ],
];
/// What is not carried to an output, and its name for people.
const NOT_CARRIED: [(Kind, &str); 4] = [
    (Kind::AV_FRAME_DATA_AFD, "active format description (AFD)"),
    (
        Kind::AV_FRAME_DATA_S12M_TIMECODE,
        "timecode of each picture (SMPTE ST 12)",
    ),
    (
        Kind::AV_FRAME_DATA_FILM_GRAIN_PARAMS,
        "parameters of film grain",
    ),
    (Kind::AV_FRAME_DATA_DYNAMIC_HDR_VIVID, "HDR Vivid"),
];

/// Data of one picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    /// CEA-608 and CEA-708 captions: packets of three bytes (cc_data, CTA-708).
    pub captions: Vec<u8>,
    /// Messages of user data: a UUID of 16 bytes, then bytes that only its program knows.
    pub user_data: Vec<Vec<u8>>,
    /// What else there is, which is not carried to outputs.
    pub not_carried: Vec<&'static str>,
}

impl Attached {
    /// The data of a decoded frame; `None` if it has none.
    pub(crate) fn of(frame: &AvFrame) -> Option<Arc<Self>> {
        let mut captions = frame
            .side_data(Kind::AV_FRAME_DATA_A53_CC)
            .unwrap_or_default();
        captions.truncate(captions.len() / CAPTION * CAPTION);
        let user_data = frame.all_side_data(Kind::AV_FRAME_DATA_SEI_UNREGISTERED);
        let is_settings =
            |data: &Vec<u8>| data.len() < 16 || ENCODERS.iter().any(|name| data.starts_with(name));
        let has = |kind: Kind| frame.side_data(kind).is_some();
        let attached = Self {
            captions,
            user_data: user_data
                .into_iter()
                .filter(|data| !is_settings(data))
                .collect(),
            not_carried: NOT_CARRIED
                .into_iter()
                .filter(|(kind, _)| has(*kind))
                .map(|(_, name)| name)
                .collect(),
        };
        (attached != Self::default()).then(|| Arc::new(attached))
    }

    /// The bytes of its caption packets that are not only padding: their flag cc_valid is set.
    pub(crate) fn valid_captions(&self) -> Vec<u8> {
        const VALID: u8 = 4;
        let packets = self.captions.chunks_exact(CAPTION);
        packets
            .filter(|packet| packet[0] & VALID != 0)
            .flatten()
            .copied()
            .collect()
    }

    /// The names of what it is, for people: what can be carried, then the rest.
    pub(crate) fn names(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let mut names = Vec::new();
        if !self.captions.is_empty() {
            names.push("captions (CEA-608/708)");
        }
        if !self.user_data.is_empty() {
            names.push("user data of each picture (SEI)");
        }
        (names, self.not_carried.clone())
    }
}

/// Who puts the data of a picture into an output's stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrying {
    /// The encoder, which gets it with the picture.
    Encoder,
    /// It is added to the encoder's packets.
    Packets,
    /// Nobody can.
    No,
}

impl VideoPlan {
    /// How captions get into the stream.
    pub(crate) fn captions(&self) -> Carrying {
        const OPTION: &str = "a53cc";
        // FFmpeg's words for false.
        const OFF: [&str; 7] = ["0", "false", "n", "no", "disable", "disabled", "off"];
        // The last one that is given counts.
        let given = self.options.iter().rev().find(|(key, _)| key == OPTION);
        match given.map(|(_, value)| value.to_ascii_lowercase()) {
            Some(value) if OFF.contains(&value.as_str()) => Carrying::No,
            Some(_) => Carrying::Encoder,
            // libx265 has the option from FFmpeg 7.1 on, but it is off unless it is given.
            None if encoder_option_is_on(&self.encoder, OPTION) => Carrying::Encoder,
            None => self.user_data(),
        }
    }

    /// How user data gets into the stream.
    pub(crate) fn user_data(&self) -> Carrying {
        match self.codec.as_str() {
            "h264" | "hevc" => Carrying::Packets,
            _ => Carrying::No,
        }
    }

    /// The names of what an output cannot carry of a source's data of pictures.
    pub(crate) fn lost(&self, attached: &Attached) -> Vec<&'static str> {
        let (_, mut lost) = attached.names();
        let one = |captions: &[u8], user_data: &[Vec<u8>]| Attached {
            captions: captions.to_vec(),
            user_data: user_data.to_vec(),
            not_carried: Vec::new(),
        };
        if self.captions() == Carrying::No {
            lost.extend(one(&attached.captions, &[]).names().0);
        }
        if self.user_data() == Carrying::No {
            lost.extend(one(&[], &attached.user_data).names().0);
        }
        lost
    }
}

/// Brings the data of pictures to the frames of an output. Where these are the source's, each gets its own. At another
/// rate, a frame gets that of all pictures shown from its time until the next frame. Caption packets that are only padding
/// are left out there: a stream sends them at its own frame rate, and a frame has room for 31 packets. What does not fit goes
/// on the next frame.
pub struct Carrier {
    /// Seconds per tick of the source's pictures, and of the frames.
    units: (Rational, Rational),
    /// Whether frames have other times than pictures.
    retimed: bool,
    /// Data of pictures that have no frame yet, by their times in ticks of the source.
    waiting: BTreeMap<i64, Arc<Attached>>,
    /// The last frame, at another rate: what it gets is known when the next one comes.
    held: Option<Frame>,
    /// Captions that did not fit.
    rest: Vec<u8>,
    /// Whether there were captions for which no frame had room.
    lost: bool,
}

/// A frame, and what it gets.
pub type Carried = (Frame, Option<Attached>);

impl Carrier {
    /// For pictures whose times have the unit `source` (seconds per tick), and frames with `frames`.
    pub fn new(source: Rational, frames: Rational, retimed: bool) -> Self {
        Self {
            units: (source, frames),
            retimed,
            waiting: BTreeMap::new(),
            held: None,
            rest: Vec::new(),
            lost: false,
        }
    }

    /// Takes the data of the picture at `pts`, in ticks of the source. It comes before the frame.
    pub fn attach(&mut self, pts: i64, attached: Arc<Attached>) {
        self.waiting.insert(pts, attached);
    }

    /// Takes the next frame; returns the frames that are ready.
    pub fn frame(&mut self, frame: Frame) -> Vec<Carried> {
        if !self.retimed {
            let attached = self.waiting.remove(&frame.span.pts);
            // What is older belongs to pictures that have no frame here.
            self.waiting = self.waiting.split_off(&frame.span.pts);
            return vec![(frame, attached.map(|attached| (*attached).clone()))];
        }
        let until = self.in_source_ticks(frame.span);
        match self.held.replace(frame) {
            Some(held) => vec![self.with_data(held, Some(until))],
            None => Vec::new(),
        }
    }

    /// The frame that is still held, at the end of the stream, or of a part of it that ends at `until`, in ticks of the
    /// source. Captions that do not fit on it are lost ([`Self::loss`]), so that each part is the same wherever it is rendered.
    pub fn rest(&mut self, until: Option<i64>) -> Option<Carried> {
        let held = self.held.take()?;
        let carried = self.with_data(held, until);
        self.lost |= !std::mem::take(&mut self.rest).is_empty();
        Some(carried)
    }

    /// That captions were lost since this was asked last, as text; `None` if none were.
    pub fn loss(&mut self) -> Option<String> {
        std::mem::take(&mut self.lost).then(|| {
            format!(
                "some captions (CEA-608/708) are lost: at this frame rate, they are more than frames have room for ({MOST_CAPTIONS} packets each)"
            )
        })
    }

    fn with_data(&mut self, frame: Frame, until: Option<i64>) -> Carried {
        let later = until.map_or(BTreeMap::new(), |until| self.waiting.split_off(&until));
        let now = std::mem::replace(&mut self.waiting, later);
        let mut all = Attached {
            captions: std::mem::take(&mut self.rest),
            ..Attached::default()
        };
        for attached in now.into_values() {
            all.captions.extend(attached.valid_captions());
            all.user_data.extend(attached.user_data.iter().cloned());
            all.not_carried.extend(attached.not_carried.iter().copied());
        }
        let fits = all.captions.len().min(MOST_CAPTIONS * CAPTION);
        self.rest = all.captions.split_off(fits);
        let attached = (all != Attached::default()).then_some(all);
        (frame, attached)
    }

    /// The first tick of the source at or after the time of a frame.
    fn in_source_ticks(&self, span: Span) -> i64 {
        let (source, frames) = self.units;
        let at = frames.rescale(span.pts, source);
        // Rounded down, it is before the frame.
        match source.nearest_seconds(at) < frames.nearest_seconds(span.pts) {
            true => at.saturating_add(1),
            false => at,
        }
    }
}

/// The payload of an SEI message with captions (ATSC A/53, part 4, 6.2.3): registered user data.
fn caption_message(captions: &[u8]) -> Vec<u8> {
    let count = (captions.len() / CAPTION).min(MOST_CAPTIONS);
    let mut message = b"\xb5\x00\x31GA94\x03".to_vec();
    // The flag process_cc_data, and the number of packets.
    message.push(0x40 | count as u8);
    message.push(0xff);
    message.extend_from_slice(&captions[..count * CAPTION]);
    message.push(0xff);
    message
}

/// The SEI messages of a picture's data as a NAL unit with start code; `None` if there are none. `captions` says whether
/// those are among them.
pub(crate) fn sei(codec: &str, attached: &Attached, captions: bool) -> Option<Vec<u8>> {
    const REGISTERED: u8 = 4;
    const UNREGISTERED: u8 = 5;
    let mut messages: Vec<(u8, Vec<u8>)> = Vec::new();
    if captions && !attached.captions.is_empty() {
        messages.push((REGISTERED, caption_message(&attached.captions)));
    }
    let user_data = attached.user_data.iter().cloned();
    messages.extend(user_data.map(|data| (UNREGISTERED, data)));
    if messages.is_empty() {
        return None;
    }
    let mut body = Vec::new();
    for (kind, message) in messages {
        body.push(kind);
        let mut length = message.len();
        while length >= 0xff {
            body.push(0xff);
            length -= 0xff;
        }
        body.push(length as u8);
        body.extend(message);
    }
    body.push(0x80);
    let mut unit = vec![0, 0, 0, 1];
    match codec {
        "hevc" => unit.extend([39 << 1, 1]),
        _ => unit.push(6),
    }
    // No start code may arise inside: a 3 goes between two zeros and a byte up to 3.
    let mut zeros = 0;
    for byte in body {
        if zeros >= 2 && byte <= 3 {
            unit.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        unit.push(byte);
    }
    Some(unit)
}

/// Whether the NAL units of a packet have their lengths before them instead of start codes. A length may look like a start
/// code: 0, 0, 1 and any byte is one from 256 to 511.
fn has_lengths(packet: &[u8]) -> bool {
    let mut rest = packet;
    while let Some((length, after)) = rest.split_first_chunk() {
        let unit = usize::try_from(u32::from_be_bytes(*length)).ok();
        match unit.and_then(|unit| after.get(unit..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}

/// The bytes of a packet with the NAL unit `sei` before its first slice. `None` if the packet has no start codes.
pub(crate) fn with_sei(codec: &str, packet: &[u8], sei: &[u8]) -> Option<Vec<u8>> {
    if has_lengths(packet) {
        return None;
    }
    let is_slice = |byte: u8| match codec {
        "hevc" => byte >> 1 & 0x3f < 32,
        _ => (1..=5).contains(&(byte & 0x1f)),
    };
    let starts = packet.windows(4).enumerate();
    let slice = starts
        .filter(|(_, bytes)| bytes[..3] == [0, 0, 1] && is_slice(bytes[3]))
        .map(|(at, _)| at)
        .next()?;
    // A start code may have a zero before it, which belongs to it.
    let at = match slice.checked_sub(1) {
        Some(before) if packet[before] == 0 => before,
        _ => slice,
    };
    let mut bytes = packet[..at].to_vec();
    bytes.extend_from_slice(sei);
    bytes.extend_from_slice(&packet[at..]);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Color, OwnedPlanes, Picture, PixelFormat};

    #[test]
    fn no_start_code_arises_in_a_message_and_it_stands_before_the_first_slice() {
        let attached = Attached {
            captions: vec![0xfc, 0, 0, 0xfd, 0, 0],
            ..Attached::default()
        };
        let unit = sei("h264", &attached, true).unwrap();
        assert_eq!(unit[..6], [0, 0, 0, 1, 6, 4]);
        assert!(
            !unit[4..]
                .windows(3)
                .any(|bytes| bytes[..2] == [0, 0] && bytes[2] < 3)
        );
        assert!(sei("h264", &attached, false).is_none());
        // A delimiter, then a slice with a start code of four bytes.
        let packet = [0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1, 0x65, 1, 2];
        let with = with_sei("h264", &packet, &[7, 7]).unwrap();
        assert_eq!(with, [0, 0, 0, 1, 9, 0xf0, 7, 7, 0, 0, 0, 1, 0x65, 1, 2]);
        // HEVC: a parameter set (33), then a slice (19).
        let packet = [0, 0, 1, 33 << 1, 1, 0, 0, 1, 19 << 1, 1];
        let with = with_sei("hevc", &packet, &[7]).unwrap();
        assert_eq!(with, [0, 0, 1, 33 << 1, 1, 7, 0, 0, 1, 19 << 1, 1]);
        assert!(with_sei("h264", &[0, 0, 0, 5, 0x65, 1], &[7]).is_none());
        // A length of 357 bytes looks like the start code of a slice.
        let packet = [&[0, 0, 1, 0x65][..], &[0x41; 0x165]].concat();
        assert!(with_sei("h264", &packet, &[7]).is_none());
    }

    fn frame(pts: i64) -> Frame {
        let format = PixelFormat::packed_rgb(8, 3, &[0, 1, 2]);
        let planes = OwnedPlanes::new(1, 1, &format);
        Frame {
            picture: Picture::new(1, 1, format, Color::default(), planes),
            span: Span { pts, duration: 1 },
        }
    }

    fn captions(byte: u8) -> Arc<Attached> {
        Arc::new(Attached {
            captions: triplet(byte).to_vec(),
            ..Attached::default()
        })
    }

    /// A caption packet for field 1, with data.
    fn triplet(byte: u8) -> [u8; 3] {
        [0xfc, byte, byte]
    }

    /// The bytes of captions of each frame.
    fn captions_of(made: &[Carried]) -> Vec<Vec<u8>> {
        let bytes =
            |(_, attached): &Carried| attached.as_ref().map_or(Vec::new(), |a| a.captions.clone());
        made.iter().map(bytes).collect()
    }

    /// Carries pictures that all have `captions` to frames of half the rate; the frames, and what is said of lost captions.
    fn at_half_the_rate(pictures: i64, captions: &[u8]) -> (Vec<Carried>, Option<String>) {
        let mut carrier = Carrier::new(Rational::new(1, 30), Rational::new(1, 15), true);
        let mut made = Vec::new();
        for pts in 0..pictures {
            let attached = Attached {
                captions: captions.to_vec(),
                ..Attached::default()
            };
            carrier.attach(pts, Arc::new(attached));
            if pts % 2 == 0 {
                made.extend(carrier.frame(frame(pts / 2)));
            }
        }
        made.extend(carrier.rest(None));
        (made, carrier.loss())
    }

    #[test]
    fn padding_does_not_delay_captions_at_another_rate() {
        // As ATSC sends them at 30 pictures a second: two of each field, and padding up to 20.
        let padding = [[0xfa, 0, 0]; 18].concat();
        let sent = [triplet(b'A').as_slice(), &triplet(b'B'), &padding].concat();
        let (made, lost) = at_half_the_rate(100, &sent);
        let both = [triplet(b'A'), triplet(b'B')].concat().repeat(2);
        assert_eq!(captions_of(&made), vec![both; 50]);
        assert_eq!(lost, None);
    }

    #[test]
    fn captions_for_which_no_frame_has_room_are_named() {
        // 40 for each frame, which has room for 31.
        let (made, lost) = at_half_the_rate(4, &triplet(b'A').repeat(20));
        let lengths = captions_of(&made).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths, [93, 93]);
        let lost = lost.unwrap();
        assert!(lost.contains("captions (CEA-608/708) are lost"), "{lost}");
    }

    #[test]
    fn at_another_rate_no_caption_is_lost_or_repeated() {
        let (fine, half) = (Rational::new(1, 50), Rational::new(1, 25));
        // Half the rate: each frame gets those of two pictures, the last one those of what is left.
        let mut carrier = Carrier::new(fine, half, true);
        let mut made = Vec::new();
        for pts in 0..7 {
            carrier.attach(pts, captions(pts as u8));
            if pts % 2 == 0 {
                made.extend(carrier.frame(frame(pts / 2)));
            }
        }
        made.extend(carrier.rest(Some(7)));
        let two = |a: u8, b: u8| [triplet(a), triplet(b)].concat();
        let all = [two(0, 1), two(2, 3), two(4, 5), triplet(6).to_vec()];
        assert_eq!(captions_of(&made), all);
        // Twice the rate: every second frame has none.
        let mut carrier = Carrier::new(half, fine, true);
        let mut made = Vec::new();
        for pts in 0..4 {
            if pts % 2 == 0 {
                carrier.attach(pts / 2, captions(pts as u8));
            }
            made.extend(carrier.frame(frame(pts)));
        }
        made.extend(carrier.rest(None));
        let (first, third) = (triplet(0).to_vec(), triplet(2).to_vec());
        assert_eq!(captions_of(&made), [first, vec![], third, vec![]]);
    }
}
