//! Reads PNG pictures (ISO/IEC 15948) that come with styles, where there is no FFmpeg: gray or RGB, with alpha or without,
//! of 8 or 16 bits.

use std::io::Read;

use flate2::Crc;
use flate2::read::ZlibDecoder;

use super::{ChromaLocation, Color, Model, OwnedPlanes, Picture, PixelFormat, Range, Subsampling};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The most bytes of samples that are read.
const MOST: usize = 1 << 29;

/// The picture in a file's bytes: planar, in whole codes of its depth, of full range.
///
/// # Errors
/// What is wrong with the bytes, or not read here: palettes, interlaced pictures, fewer than 8 bits.
pub fn read_png(bytes: &[u8]) -> Result<Picture, String> {
    let mut rest = bytes.strip_prefix(SIGNATURE).ok_or("it is no PNG")?;
    let mut header = None;
    let mut packed = Vec::new();
    loop {
        let (kind, data, after) = chunk(rest)?;
        rest = after;
        match kind {
            b"IHDR" => header = Some(Header::of(data)?),
            b"IDAT" => packed.extend_from_slice(data),
            b"IEND" => break,
            // A chunk that must be understood begins with a capital letter.
            _ if kind[0].is_ascii_uppercase() => {
                return Err(format!(
                    "it has a chunk {}, which is not read here",
                    String::from_utf8_lossy(kind)
                ));
            }
            _ => {}
        }
    }
    let header = header.ok_or("it has no header")?;
    let (rows, row) = (header.height as usize, header.row_bytes());
    let whole = rows.checked_mul(row + 1).filter(|bytes| *bytes <= MOST);
    let whole = whole.ok_or("it is too large")?;
    let mut filtered = Vec::new();
    ZlibDecoder::new(&packed[..])
        .take(whole as u64)
        .read_to_end(&mut filtered)
        .map_err(|error| format!("its samples cannot be unpacked: {error}"))?;
    if filtered.len() < whole {
        return Err("it ends too early".to_owned());
    }
    let samples = unfiltered(&filtered, row, header.pixel_bytes())?;
    Ok(header.picture(&samples))
}

/// The kind and the bytes of a chunk, and what follows it.
type Chunk<'a> = (&'a [u8; 4], &'a [u8], &'a [u8]);

/// The first chunk of `bytes`.
fn chunk(bytes: &[u8]) -> Result<Chunk<'_>, String> {
    let early = || "it ends too early".to_owned();
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(early)?;
    let length = u32::from_be_bytes(*length) as usize;
    let (named, after) = rest
        .split_at_checked(length.saturating_add(4))
        .ok_or_else(early)?;
    let (sum, after) = after.split_first_chunk::<4>().ok_or_else(early)?;
    let mut crc = Crc::new();
    crc.update(named);
    if crc.sum() != u32::from_be_bytes(*sum) {
        return Err("it is damaged".to_owned());
    }
    let (kind, data) = named.split_first_chunk::<4>().ok_or_else(early)?;
    Ok((kind, data, after))
}

struct Header {
    width: u32,
    height: u32,
    depth: u8,
    model: Model,
    alpha: bool,
}

impl Header {
    fn of(data: &[u8]) -> Result<Self, String> {
        let [
            w0,
            w1,
            w2,
            w3,
            h0,
            h1,
            h2,
            h3,
            depth,
            color,
            packing,
            filter,
            interlace,
        ] = *data
        else {
            return Err("its header has another length".to_owned());
        };
        let (model, alpha) = match color {
            0 => (Model::Gray, false),
            2 => (Model::Rgb, false),
            4 => (Model::Gray, true),
            6 => (Model::Rgb, true),
            _ => return Err("it has a palette, which is not read here".to_owned()),
        };
        let header = Self {
            width: u32::from_be_bytes([w0, w1, w2, w3]),
            height: u32::from_be_bytes([h0, h1, h2, h3]),
            depth,
            model,
            alpha,
        };
        if header.width == 0 || header.height == 0 {
            return Err("it has no pixels".to_owned());
        }
        if ![8, 16].contains(&depth) || packing != 0 || filter != 0 || interlace != 0 {
            return Err(
                "it is interlaced, or not of 8 or 16 bits: that is not read here".to_owned(),
            );
        }
        Ok(header)
    }

    fn channels(&self) -> usize {
        let colours = if self.model == Model::Gray { 1 } else { 3 };
        colours + usize::from(self.alpha)
    }

    fn pixel_bytes(&self) -> usize {
        self.channels() * usize::from(self.depth / 8)
    }

    fn row_bytes(&self) -> usize {
        (self.width as usize).saturating_mul(self.pixel_bytes())
    }

    /// The picture of samples as they lie in the file, the high byte first.
    fn picture(&self, samples: &[u8]) -> Picture {
        let format = PixelFormat::planar(self.model, Subsampling::S444, self.depth, self.alpha);
        let mut planes = OwnedPlanes::new(self.width, self.height, &format);
        let used = format.used();
        // Of gray, alpha is the second.
        for (channel, at) in used.iter().enumerate() {
            let plane = planes.plane_mut(usize::from(at.plane));
            let size = format.sample_bytes();
            let of_channel = samples.chunks_exact(size).skip(channel);
            let of_channel = of_channel.step_by(self.channels());
            for (to, from) in plane.chunks_exact_mut(size).zip(of_channel) {
                to.copy_from_slice(from);
                to.reverse();
            }
        }
        let color = Color {
            matrix: if self.model == Model::Rgb { 0 } else { 1 },
            primaries: 1,
            transfer: 13,
            range: Range::Full,
            chroma_location: ChromaLocation::Left,
        };
        Picture::new(self.width, self.height, format, color, planes)
    }
}

/// The rows without their filters. A row is `row` bytes after the number of its filter, a pixel `step` bytes.
fn unfiltered(filtered: &[u8], row: usize, step: usize) -> Result<Vec<u8>, String> {
    let mut out: Vec<u8> = Vec::with_capacity(filtered.len());
    for line in filtered.chunks_exact(row + 1) {
        let start = out.len();
        let (filter, bytes) = (line[0], &line[1..]);
        for (x, byte) in bytes.iter().enumerate() {
            let at = start + x;
            let left = if x >= step { out[at - step] } else { 0 };
            let above = if start > 0 { out[at - row] } else { 0 };
            let corner = if x >= step && start > 0 {
                out[at - row - step]
            } else {
                0
            };
            let guess = match filter {
                0 => 0,
                1 => left,
                2 => above,
                3 => ((u16::from(left) + u16::from(above)) / 2) as u8,
                4 => paeth(left, above, corner),
                _ => return Err("it has a filter that there is not".to_owned()),
            };
            out.push(byte.wrapping_add(guess));
        }
    }
    Ok(out)
}

/// The one of three neighbours that is nearest to `left` + `above` - `corner`.
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, above, corner].map(i32::from);
    let guess = a + b - c;
    let (to_a, to_b, to_c) = ((guess - a).abs(), (guess - b).abs(), (guess - c).abs());
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        above
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    /// A file of these rows, each with the number of its filter.
    fn file((width, height): (u32, u32), depth: u8, color: u8, rows: &[u8]) -> Vec<u8> {
        let mut out = SIGNATURE.to_vec();
        let mut add = |kind: &[u8], data: &[u8]| {
            let named = [kind, data].concat();
            let mut crc = Crc::new();
            crc.update(&named);
            out.extend((data.len() as u32).to_be_bytes());
            out.extend(named);
            out.extend(crc.sum().to_be_bytes());
        };
        let header = [
            &width.to_be_bytes()[..],
            &height.to_be_bytes(),
            &[depth, color, 0, 0, 0],
        ];
        add(b"IHDR", &header.concat());
        add(b"tEXt", b"made by a test");
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        packed.write_all(rows).unwrap();
        let packed = packed.finish().unwrap();
        let (first, second) = packed.split_at(packed.len() / 2);
        add(b"IDAT", first);
        add(b"IDAT", second);
        add(b"IEND", &[]);
        out
    }

    #[test]
    fn every_filter_is_undone() {
        // The rows 10 20 30, each after the row before: none, left, above, mean, Paeth.
        let rows = [
            [0, 10, 20, 30],
            [1, 10, 10, 10],
            [2, 0, 0, 0],
            [3, 5, 5, 5],
            [4, 0, 0, 0],
        ];
        let picture = read_png(&file((3, 5), 8, 0, &rows.concat())).unwrap();
        for y in 0..5 {
            assert_eq!(
                [0, 1, 2].map(|x| picture.sample(0, x, y)),
                [10, 20, 30],
                "{y}"
            );
        }
        assert_eq!(paeth(10, 20, 10), 20);
        assert_eq!(paeth(20, 10, 10), 20);
        assert_eq!(paeth(10, 20, 16), 16);
    }

    #[test]
    fn channels_and_deep_samples_are_in_their_places() {
        let rows = [0, 1, 0, 2, 0, 3, 0, 255, 255];
        let rgba = read_png(&file((1, 1), 16, 6, &rows)).unwrap();
        let samples = [0, 1, 2, 3].map(|component| rgba.sample(component, 0, 0));
        assert_eq!(samples, [0x100, 0x200, 0x300, 0xffff]);
        let gray = read_png(&file((2, 1), 8, 4, &[0, 7, 200, 8, 100])).unwrap();
        assert_eq!([0, 1].map(|x| gray.sample(0, x, 0)), [7, 8]);
        assert_eq!([0, 1].map(|x| gray.sample(1, x, 0)), [200, 100]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let whole = file((1, 1), 8, 0, &[0, 9]);
        for (bytes, words) in [
            (b"GIF89a".to_vec(), "no PNG"),
            (whole[..whole.len() - 6].to_vec(), "ends too early"),
            (file((2, 2), 8, 0, &[0, 9]), "ends too early"),
            (file((1, 1), 8, 3, &[0, 9]), "palette"),
            (file((1, 1), 4, 0, &[0, 9]), "not of 8 or 16 bits"),
            (file((1, 1), 8, 0, &[7, 9]), "a filter that there is not"),
            (file((0, 1), 8, 0, &[0]), "no pixels"),
            (file((65535, 65535), 16, 6, &[0]), "too large"),
        ] {
            let why = read_png(&bytes).unwrap_err();
            assert!(why.contains(words), "{words}: {why}");
        }
        let mut damaged = whole;
        damaged[20] ^= 1;
        assert_eq!(read_png(&damaged).unwrap_err(), "it is damaged");
    }
}
