//! Sends files: videos in parts, as browsers ask for them.

use std::io::SeekFrom;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::problem::{Answer, Problem};
use super::ranges::{self, etag};
use super::roots::{Extensions, Place};

/// Endings of files that can be rendered or heard. What is in a file is only known when it is opened.
pub const EXTENSIONS: Extensions<'static> = Extensions {
    video: &[
        "mp4", "m4v", "mov", "mkv", "webm", "avi", "mxf", "ts", "m2ts", "mts", "mpg", "mpeg",
        "vob", "wmv", "flv", "ogv", "3gp", "y4m", "nut", "dv", "gif", "apng",
    ],
    picture: &[
        "png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "exr", "dpx", "jxl", "avif", "heic",
        "jp2", "tga",
    ],
    sound: &["wav", "flac", "mp3", "m4a", "aac", "ogg", "opus"],
};

/// Bytes that are read at once.
const BLOCK: usize = 256 << 10;

/// What is sent to browsers, by the ending of the name: nothing that a browser runs.
const TYPES: [(&str, &str); 25] = [
    ("mp4", "video/mp4"),
    ("m4v", "video/mp4"),
    ("mov", "video/quicktime"),
    ("webm", "video/webm"),
    ("mkv", "video/x-matroska"),
    ("avi", "video/x-msvideo"),
    ("ts", "video/mp2t"),
    ("m2ts", "video/mp2t"),
    ("mts", "video/mp2t"),
    ("mpg", "video/mpeg"),
    ("mxf", "application/mxf"),
    ("nut", "application/octet-stream"),
    ("ogv", "video/ogg"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("gif", "image/gif"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("exr", "image/x-exr"),
    ("wav", "audio/wav"),
    ("flac", "audio/flac"),
    ("m4a", "audio/mp4"),
    ("mp3", "audio/mpeg"),
];

/// The media type of a file of this name; `None` for what is not sent.
pub fn media_type(name: &std::path::Path) -> Option<&'static str> {
    let ending = name.extension()?;
    let known = TYPES
        .iter()
        .find(|(known, _)| ending.eq_ignore_ascii_case(known));
    known.map(|(_, kind)| *kind)
}

/// The ETag of the file at `path`: another one once it has changed.
///
/// # Errors
/// Where it cannot be looked at.
pub fn tag(path: &std::path::Path) -> Answer<String> {
    let facts = path.metadata();
    let tag = facts.and_then(|facts| Ok(etag(facts.len(), facts.modified()?)));
    tag.map_err(|error| unreadable(&error))
}

fn unreadable(error: &std::io::Error) -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        format!("the file cannot be read: {error}"),
        "check the disk that holds it",
    )
}

/// The file at `place`, or the part of it that `headers` ask for. With `download`, a browser saves it under its name.
///
/// # Errors
/// `404` for a folder and for what is not sent, `415`; those of reading it.
pub async fn send(place: Place, headers: &HeaderMap, download: bool) -> Answer<Response> {
    let Some(kind) = media_type(&place.path) else {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "only videos, pictures and sound are sent",
            "choose another file",
        ));
    };
    let unreadable = |error: std::io::Error| unreadable(&error);
    let name = place.path.file_name().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    let file = tokio::task::spawn_blocking(move || place.open()).await;
    let file = file.map_err(|_| Problem::fault("a file was not opened"))??;
    let mut file = tokio::fs::File::from_std(file);
    let facts = file.metadata().await.map_err(unreadable)?;
    let len = facts.len();
    let tag = etag(len, facts.modified().map_err(unreadable)?);
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_NONE_MATCH).is_some_and(|known| known.split(", ").any(|one| one == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let answer = ranges::range(text(header::RANGE), text(header::IF_RANGE), &tag, len);
    let (status, start) = match answer {
        ranges::Answer::Whole => (StatusCode::OK, 0),
        ranges::Answer::Part { start, .. } => (StatusCode::PARTIAL_CONTENT, start),
        ranges::Answer::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, 0),
    };
    let bytes = answer.bytes(len);
    file.seek(SeekFrom::Start(start))
        .await
        .map_err(unreadable)?;
    let blocks = stream::unfold((file, bytes), |(mut file, left)| async move {
        if left == 0 {
            return None;
        }
        let mut block = vec![0; BLOCK.min(usize::try_from(left).unwrap_or(BLOCK))];
        match file.read(&mut block).await {
            // It became shorter.
            Ok(0) => None,
            Ok(read) => {
                block.truncate(read);
                Some((Ok(block), (file, left - read as u64)))
            }
            Err(error) => Some((Err(error), (file, 0))),
        }
    });
    let mut response = (status, Body::from_stream(blocks)).into_response();
    let own = response.headers_mut();
    let mut set = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            own.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, kind.to_owned());
    set(header::CONTENT_LENGTH, bytes.to_string());
    set(header::ACCEPT_RANGES, "bytes".to_owned());
    set(header::ETAG, tag);
    set(header::CACHE_CONTROL, "private, no-cache".to_owned());
    if let Some(range) = answer.content_range(len) {
        set(header::CONTENT_RANGE, range);
    }
    let how = if download { "attachment" } else { "inline" };
    set(
        header::CONTENT_DISPOSITION,
        format!("{how}; filename*=UTF-8''{}", encoded(&name)),
    );
    Ok(response)
}

/// A name as RFC 8187 writes it in a header.
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes()
        .map(|byte| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_sent_that_a_browser_runs() {
        for bad in ["a.html", "a.svg", "a.xml", "a.js", "a.pdf", "a", "a.toml"] {
            assert_eq!(media_type(bad.as_ref()), None, "{bad}");
        }
        assert_eq!(media_type("A.MP4".as_ref()), Some("video/mp4"));
        assert_eq!(
            encoded("my clip\r\n\"ü.mp4"),
            "my%20clip%0D%0A%22%C3%BC.mp4"
        );
    }
}
