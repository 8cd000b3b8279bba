//! Chooses the stream that is the film.

use std::cmp::Reverse;
use std::path::Path;

use super::diagnostics::without_video;
use crate::media::av::{Input, find_decoder};
use crate::media::error::{MediaError, Result};
use crate::media::info::{self, SourceInfo, StreamInfo, StreamKind};

/// A stream with less than this share of the pictures, or of the length, of another one goes along with it.
const SHARE: f64 = 0.1;

/// Chooses the video stream that is rendered: the one that is `asked` for; else by, in this order:
/// 1. whether it is a film: more than a picture or a few that go along with another stream, and not marked as thumbnails
///    or as a still;
/// 2. its disposition: the default one first, those for few people last;
/// 3. the size of its pictures, their number, its length, its bit rate, and its place in the file.
///
/// Cover pictures are never chosen. `info` describes all streams.
///
/// # Errors
/// `NotMedia` where there is no video, or only pictures of chapters beside sound; `Usage` where the stream asked for is no
/// video.
pub(super) fn choose(
    input: &mut Input,
    path: &Path,
    info: &mut SourceInfo,
    asked: Option<usize>,
) -> Result<usize> {
    if let Some(index) = asked {
        return asked_for(path, info, index);
    }
    let films: Vec<usize> = info
        .streams
        .iter()
        .filter(|stream| stream.kind == StreamKind::Video && input.can_decode(stream.index))
        .map(|stream| stream.index)
        .collect();
    match films[..] {
        [] => Err(MediaError::not_media(path, without_video(input))),
        [only] if are_of_chapters(info, &info.streams[only]) => {
            let stream = &info.streams[only];
            Err(MediaError::not_media(
                path,
                format!(
                    "it is sound with pictures of chapters ({} pictures for {} chapters): give --video {only} to render those pictures as a film",
                    stream.frames.unwrap_or(0),
                    info.chapters.len()
                ),
            ))
        }
        [only] => Ok(only),
        _ => {
            count(input, info, &films);
            let most = |value: fn(&StreamInfo) -> f64| {
                let values = films.iter().map(|&film| value(&info.streams[film]));
                values.fold(0.0, f64::max)
            };
            let most = (most(frames), most(seconds));
            let best = films
                .iter()
                .max_by_key(|&&film| rank(info, &info.streams[film], most));
            let best = best.copied().unwrap_or(films[0]);
            info.choice = Some(words(info, &films, best));
            Ok(best)
        }
    }
}

/// The index of the stream that [`Source`](super::Source) would read of an open file: the one that is `asked` for, or the
/// one that is chosen.
///
/// # Errors
/// `NotMedia` and `Usage`, as for reading it.
pub(crate) fn film(input: &mut Input, path: &Path, asked: Option<usize>) -> Result<usize> {
    let mut info = info::read(input, path, 0, 0);
    choose(input, path, &mut info, asked)
}

/// The stream with the index `index`, if it is video.
fn asked_for(path: &Path, info: &SourceInfo, index: usize) -> Result<usize> {
    let stream = info.streams.get(index);
    if stream.is_some_and(|stream| stream.kind == StreamKind::Video) {
        return Ok(index);
    }
    let videos: Vec<String> = info
        .streams
        .iter()
        .filter(|stream| stream.kind == StreamKind::Video)
        .map(|stream| format!("{} ({})", stream.index, described(stream)))
        .collect();
    Err(MediaError::usage(
        match stream {
            Some(stream) => format!(
                "stream {index} of {} is {}, not video",
                path.display(),
                stream.kind
            ),
            None => format!("{} has no stream {index}", path.display()),
        },
        match videos.is_empty() {
            true => "it has no video; `aquatint probe FILE` lists its streams".to_owned(),
            false => format!("its video streams are {}", videos.join(", ")),
        },
    ))
}

/// Whether a stream holds a picture for each chapter, to be shown beside sound.
fn are_of_chapters(info: &SourceInfo, stream: &StreamInfo) -> bool {
    let is = |name: &str| stream.dispositions.iter().any(|word| word == name);
    let stills = ["mjpeg", "png"].contains(&stream.codec.as_str());
    let chapters = info.chapters.len() as u64;
    let few = stream.frames.is_some_and(|frames| frames <= chapters);
    let sound = info.streams.iter().any(|s| s.kind == StreamKind::Audio);
    sound && (is("timed_thumbnails") || stills && chapters > 0 && few)
}

/// Counts the first pictures of streams for which the file does not say how many there are.
fn count(input: &mut Input, info: &mut SourceInfo, films: &[usize]) {
    if films
        .iter()
        .all(|&film| info.streams[film].frames.is_some())
    {
        return;
    }
    let seen = input.look_ahead(films);
    let most = films.iter().map(|&film| seen[film]).max().unwrap_or(0);
    for &film in films {
        let frames = &mut info.streams[film].frames;
        // More are to come where many were seen.
        if frames.is_none() && seen[film] <= 1 && most > 2 {
            *frames = Some(seen[film]);
        }
    }
}

fn frames(stream: &StreamInfo) -> f64 {
    stream.frames.map_or(0.0, |frames| frames as f64)
}

fn seconds(stream: &StreamInfo) -> f64 {
    let ticks = stream.duration.unwrap_or(0);
    stream.time_base.seconds(ticks)
}

/// The higher, the more a stream is the film. `most` are the largest number of pictures and length of all.
fn rank(info: &SourceInfo, stream: &StreamInfo, most: (f64, f64)) -> impl Ord + use<> {
    let is = |name: &str| stream.dispositions.iter().any(|word| word == name);
    let marked = is("timed_thumbnails") || is("still_image") || are_of_chapters(info, stream);
    let enough = |value: f64, most: f64| value >= most * SHARE;
    let one = stream.frames.is_some_and(|frames| frames <= 1);
    let short = stream.frames.is_some() && !enough(frames(stream), most.0)
        || stream.duration.is_some() && !enough(seconds(stream), most.1);
    let special = is("visual_impaired") || is("hearing_impaired") || is("dependent");
    let size = stream
        .video
        .as_ref()
        .map_or(0, |video| u64::from(video.width) * u64::from(video.height));
    (
        !(marked || one || short),
        !special,
        is("default"),
        size,
        stream.frames.unwrap_or(u64::MAX),
        (seconds(stream) * 1000.0) as u64,
        stream.bit_rate.unwrap_or(0),
        Reverse(stream.index),
    )
}

fn described(stream: &StreamInfo) -> String {
    let size = stream.video.as_ref().map_or(String::new(), |video| {
        format!(" {}x{}", video.width, video.height)
    });
    let frames = match stream.frames {
        Some(1) => ", 1 picture".to_owned(),
        Some(frames) => format!(", {frames} pictures"),
        None => String::new(),
    };
    format!("{}{size}{frames}", stream.codec)
}

/// Which stream was chosen, as text.
fn words(info: &SourceInfo, films: &[usize], best: usize) -> String {
    let others: Vec<String> = films
        .iter()
        .filter(|&&film| film != best)
        .map(|&film| format!("stream {film} ({})", described(&info.streams[film])))
        .collect();
    format!(
        "{} video streams: stream {best} ({}) is the film that is rendered, not {}; --video N names another",
        films.len(),
        described(&info.streams[best]),
        others.join(", ")
    )
}

impl Input {
    /// Whether this FFmpeg has a decoder for the stream `index`.
    fn can_decode(&self, index: usize) -> bool {
        let stream = self.streams().get(index);
        // SAFETY: the streams are valid.
        stream.is_some_and(|&stream| unsafe {
            find_decoder((*(*stream).codecpar).codec_id).is_some()
        })
    }
}
