//! How far two files are the same.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::av::{Input, ReadError};
use super::error::{MediaError, Result};
use super::fnv::{FNV_EMPTY, fnv1a};
use super::sequence::Pattern;
use super::source::{Source, SourceEvent, io_reason};
use crate::frame::Frame;

/// What two files have in common, the most first.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// All bytes.
    Bytes,
    /// All packets of all streams and their times: what is around them differs, such as an identity that is drawn by chance,
    /// or tags.
    Packets,
    /// All pictures, sample by sample, and their times, but not the bytes that code them, or another stream.
    Pictures,
    /// Some pictures differ.
    Some {
        /// Pictures that both have.
        pictures: u64,
        /// Those of them that differ.
        differ: u64,
        /// Seconds of the first that differs.
        first: f64,
    },
    /// They have not the same number of pictures.
    Count(u64, u64),
}

/// How far the files, or image sequences, at `a` and `b` are the same.
///
/// # Errors
/// `NoInput`, `NotMedia`, `Read` for either.
pub fn likeness(a: &Path, b: &Path) -> Result<Likeness> {
    let (files_a, files_b) = (files(a)?, files(b)?);
    if files_a.len() == files_b.len() {
        let mut pairs = files_a.iter().zip(&files_b);
        if pairs.try_fold(true, |same, (a, b)| {
            Ok::<_, MediaError>(same && same_bytes(a, b)?)
        })? {
            return Ok(Likeness::Bytes);
        }
    }
    let one_file = files_a.len() == 1 && files_b.len() == 1;
    if one_file && packets(a)? == packets(b)? {
        return Ok(Likeness::Packets);
    }
    pictures(a, b)
}

/// The files of `path`: one, or those of an image sequence.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let Some(pattern) = Pattern::meant_by(path) else {
        return Ok(vec![path.to_owned()]);
    };
    let numbers = pattern.numbers().map_err(|error| no_input(path, &error))?;
    Ok(numbers
        .into_iter()
        .map(|number| pattern.file(number))
        .collect())
}

fn no_input(path: &Path, error: &std::io::Error) -> MediaError {
    MediaError::NoInput {
        path: path.into(),
        why: io_reason(error),
    }
}

fn same_bytes(a: &Path, b: &Path) -> Result<bool> {
    let open = |path: &Path| {
        let file = File::open(path).map_err(|error| no_input(path, &error))?;
        let size = file
            .metadata()
            .map_err(|error| no_input(path, &error))?
            .len();
        Ok::<_, MediaError>((BufReader::with_capacity(1 << 20, file), size))
    };
    let ((mut one, size), (mut other, other_size)) = (open(a)?, open(b)?);
    if size != other_size {
        return Ok(false);
    }
    let mut buffers = [vec![0; 1 << 20], vec![0; 1 << 20]];
    let mut left = size;
    while left > 0 {
        let count = left.min(1 << 20) as usize;
        let [first, second] = &mut buffers;
        one.read_exact(&mut first[..count])
            .map_err(|error| no_input(a, &error))?;
        other
            .read_exact(&mut second[..count])
            .map_err(|error| no_input(b, &error))?;
        if first[..count] != second[..count] {
            return Ok(false);
        }
        left -= count as u64;
    }
    Ok(true)
}

/// Number and digest of the packets of each stream, with their times.
fn packets(path: &Path) -> Result<Vec<(u64, u64)>> {
    let failed = |error| match error {
        ReadError::Io(error) => MediaError::Read {
            path: path.into(),
            why: io_reason(&error),
        },
        ReadError::Damaged(error) => MediaError::not_media(path, error.to_string()),
        ReadError::End => MediaError::not_media(path, "it is empty"),
    };
    let file = File::open(path).map_err(|error| no_input(path, &error))?;
    let mut input = Input::open(file).map_err(failed)?;
    let mut found = vec![(0, FNV_EMPTY); input.streams().len()];
    loop {
        match input.read() {
            Ok(packet) => {
                let Some((count, digest)) = found.get_mut(packet.stream()) else {
                    continue;
                };
                *count += 1;
                for time in [packet.pts(), packet.dts()] {
                    let time = time.map(|at| packet.time_base.seconds(at).to_bits());
                    *digest = fnv1a(*digest, &time.unwrap_or(u64::MAX).to_le_bytes());
                }
                *digest = fnv1a(*digest, packet.data());
            }
            Err(ReadError::End) => return Ok(found),
            Err(error) => return Err(failed(error)),
        }
    }
}

/// Compares the pictures of both, one after the other.
fn pictures(a: &Path, b: &Path) -> Result<Likeness> {
    let open = |path| {
        let mut source = Source::open(path)?;
        source.pictures_only();
        Ok::<_, MediaError>(source)
    };
    let (mut one, mut other) = (open(a)?, open(b)?);
    let second =
        |source: &Source, frame: &Frame| source.info().video().time_base.seconds(frame.span.pts);
    let (mut pictures, mut differ, mut first) = (0, 0, 0.0);
    loop {
        match (next(&mut one)?, next(&mut other)?) {
            (Some(left), Some(right)) => {
                let at = second(&one, &left);
                let same_time = (at - second(&other, &right)).abs() < 1e-6;
                if !same_time || !left.picture.same_samples(&right.picture) {
                    if differ == 0 {
                        first = at;
                    }
                    differ += 1;
                }
                pictures += 1;
            }
            (None, None) => break,
            (left, right) => {
                let rest = |found: Option<Frame>, source: &mut Source| -> Result<u64> {
                    let mut count = pictures + u64::from(found.is_some());
                    while next(source)?.is_some() {
                        count += 1;
                    }
                    Ok(count)
                };
                return Ok(Likeness::Count(
                    rest(left, &mut one)?,
                    rest(right, &mut other)?,
                ));
            }
        }
    }
    Ok(match differ {
        0 => Likeness::Pictures,
        _ => Likeness::Some {
            pictures,
            differ,
            first,
        },
    })
}

fn next(source: &mut Source) -> Result<Option<Frame>> {
    loop {
        match source.next_event()? {
            Some(SourceEvent::Frame(frame, _)) => return Ok(Some(frame)),
            Some(SourceEvent::Packet(_)) => {}
            None => return Ok(None),
        }
    }
}
