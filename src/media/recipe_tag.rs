//! The tag of an output that says how it was made: a text, which this layer does not read.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use super::av::{Input, ReadError, pairs};
use super::error::{MediaError, Result};
use super::exif::{jpeg_segment, png_chunk};
use super::log;
use super::metadata::RECIPE;
use super::sequence::Pattern;
use super::source::io_reason;

/// What a recipe begins with, by which one is told from other texts under the same key.
pub(crate) const BEGINS: &str = "{\"aquatint\":";
/// Bytes of a picture file that are searched at most.
const MAX_PICTURE: u64 = 1 << 28;
/// XMP (ISO 16684-1) around a recipe, for MOV, whose own tags have no place for it.
const XMP: [&str; 2] = [
    "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
     <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" \
     xmlns:aquatint=\"urn:aquatint\"><aquatint:recipe>",
    "</aquatint:recipe></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>",
];

/// The tags that hold `recipe` in `container`. `own_names` says whether an MP4 or MOV is written with tags of any name.
///
/// Matroska and several others take any name. MP4 has a tag for the program that made a file, ©too; MOV has a place for XMP.
/// Containers without a place for it leave it out.
pub(crate) fn tags(container: &str, own_names: bool, recipe: &str) -> Vec<(String, String)> {
    let (key, value) = match (container, own_names) {
        ("mov", false) => ("xmp", XMP[0].to_owned() + &escaped(recipe) + XMP[1]),
        ("mp4", false) => ("encoding_tool", recipe.to_owned()),
        _ => (RECIPE, recipe.to_owned()),
    };
    vec![(key.to_owned(), value)]
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn of_xmp(text: &str) -> Option<String> {
    let open = "<aquatint:recipe>";
    let start = text.find(open)? + open.len();
    let end = start + text[start..].find("</aquatint:recipe>")?;
    let plain = text[start..end].replace("&lt;", "<").replace("&gt;", ">");
    Some(plain.replace("&amp;", "&"))
}

/// The recipe among `tags`.
fn among(tags: &[(String, String)]) -> Option<String> {
    tags.iter().find_map(|(key, value)| {
        let found = match key.to_ascii_lowercase().as_str() {
            RECIPE | "encoder" | "encoding_tool" => Some(value.clone()),
            "xmp" => of_xmp(value),
            _ => None,
        };
        found.filter(|text| text.starts_with(BEGINS))
    })
}

/// The recipe in the file at `path`, or in the first picture of the image sequence of that pattern; `None` where it has none.
///
/// # Errors
/// `NoInput` if it is missing, `NotMedia` if it is no media file, `Read` if the disk fails.
pub fn read_recipe(path: &Path) -> Result<Option<String>> {
    let first = Pattern::meant_by(path).and_then(|pattern| {
        let numbers = pattern.numbers().ok()?;
        Some(pattern.file(*numbers.first()?))
    });
    let path = first.as_deref().unwrap_or(path);
    let no_input = |error: io::Error| MediaError::NoInput {
        path: path.into(),
        why: io_reason(&error),
    };
    let failed = |error: io::Error| MediaError::Read {
        path: path.into(),
        why: io_reason(&error),
    };
    let file = File::open(path).map_err(no_input)?;
    if !file.metadata().map_err(no_input)?.is_file() {
        return Err(no_input(io::Error::other("it is no regular file")));
    }
    if let Some(found) = of_picture(&file).map_err(failed)? {
        return Ok(found);
    }
    log::init();
    let input = Input::open_tags(file).map_err(|error| match error {
        ReadError::Io(error) => failed(error),
        ReadError::Damaged(error) => MediaError::not_media(path, error.to_string()),
        ReadError::End => MediaError::not_media(path, "it is empty"),
    })?;
    // SAFETY: the input is open, so its lists of tags are valid.
    let tags = unsafe {
        let streams = input.streams().iter();
        let streams = streams.flat_map(|&stream| pairs((*stream).metadata));
        let all = pairs((*input.context).metadata).into_iter().chain(streams);
        all.collect::<Vec<_>>()
    };
    Ok(among(&tags))
}

/// The recipe of a PNG or JPEG file; the outer `None` for other files.
fn of_picture(mut file: &File) -> io::Result<Option<Option<String>>> {
    let mut bytes = Vec::new();
    file.take(4).read_to_end(&mut bytes)?;
    let (png, jpeg) = (bytes == b"\x89PNG", bytes.starts_with(&[0xff, 0xd8]));
    if png || jpeg {
        file.take(MAX_PICTURE).read_to_end(&mut bytes)?;
    }
    file.rewind()?;
    let text = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.starts_with(BEGINS).then(|| text.into_owned())
    };
    Ok(match (png, jpeg) {
        (true, _) => {
            let body = png_chunk(&bytes, PNG_CHUNK);
            Some(body.and_then(|body| text(body.strip_prefix(png_head().as_slice())?)))
        }
        (_, true) => Some(jpeg_segment(&bytes, JPEG_COMMENT, BEGINS.as_bytes()).and_then(text)),
        _ => None,
    })
}

/// Marker of a JPEG's comment.
pub(crate) const JPEG_COMMENT: u8 = 0xfe;
/// The chunk of a PNG with text of any language.
pub(crate) const PNG_CHUNK: &[u8; 4] = b"iTXt";

/// What an iTXt chunk of a PNG begins with: keyword, not compressed, no language.
fn png_head() -> Vec<u8> {
    [RECIPE.as_bytes(), &[0; 5]].concat()
}

/// Body of the PNG chunk iTXt that holds `recipe`.
pub(crate) fn png_text(recipe: &str) -> Vec<u8> {
    [&png_head(), recipe.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xmp_gives_back_what_it_was_given() {
        let recipe = "{\"aquatint\":\"1\",\"note\":\"a < b && c > d &lt;\"}";
        let tags = tags("mov", false, recipe);
        assert_eq!(among(&tags).as_deref(), Some(recipe));
        assert!(roxmltree::Document::parse(&tags[0].1).is_ok());
    }

    #[test]
    fn other_texts_are_no_recipe() {
        let tag = |key: &str, value: &str| vec![(key.to_owned(), value.to_owned())];
        assert_eq!(among(&tag("encoder", "Lavf59.27.100")), None);
        assert_eq!(among(&tag("comment", "{\"aquatint\":1}")), None);
        assert_eq!(
            among(&tag("AQUATINT_RECIPE", "{\"aquatint\":1}")).as_deref(),
            Some("{\"aquatint\":1}")
        );
    }
}
