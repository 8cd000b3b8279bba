//! Reads the pictures and tables that a plan's kernels need.

use std::io::{self, Read, Write};
use std::path::Path;

use super::error::Result;
use crate::color::lut::Lut;
use crate::color::{hald, lut_file};
use crate::frame::Picture;
use crate::graph::ResourceData;
use crate::graph::plan::{File, Plan};
use crate::graph::style::{Library, StyleError};
use crate::media;

/// Reads `file` of `plan`.
///
/// # Errors
/// `Media` for a file that is no picture; `Style` for one that is no look-up table, with the line where it is text.
pub(super) fn read(library: &Library, plan: &Plan, file: &File) -> Result<ResourceData> {
    Ok(match file {
        File::Picture(path) => ResourceData::Picture(media::read_image(path)?),
        File::OwnPicture(path) => ResourceData::Picture(own_picture(library, path)?),
        File::Lut(path) => ResourceData::Lut(read_lut(path)?),
        File::OwnLut(path) if is_hald(Path::new(path)) => {
            ResourceData::Lut(hald_clut(path, &own_picture(library, path)?)?)
        }
        File::OwnLut(path) => ResourceData::Lut(library.lut(path)?),
        File::OwnTable(path) => ResourceData::Table(library.table(path)?),
        File::Model { name, identity } => {
            let size = super::models::size_in(plan, file);
            ResourceData::Code(super::models::code(library, name, identity, size)?)
        }
    })
}

/// The picture of the library at `path`.
fn own_picture(library: &Library, path: &str) -> Result<Picture> {
    if let Some(file) = library.on_disk(path) {
        return Ok(media::read_image(file)?);
    }
    // FFmpeg tells pictures by their content, and where that is not enough by the ending.
    let ending = Path::new(path).extension().unwrap_or_default();
    let suffix = format!(".{}", ending.to_string_lossy());
    let unread = |source| StyleError::Read {
        path: path.into(),
        source,
    };
    let mut file = tempfile::Builder::new()
        .suffix(&suffix)
        .tempfile()
        .map_err(unread)?;
    let bytes = library.bytes(path).map_err(unread)?;
    file.write_all(&bytes).map_err(unread)?;
    Ok(media::read_image(file.path())?)
}

/// Whether a table at `path` is a picture, by its name.
fn is_hald(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    hald::EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str())
}

/// The table in the picture that was read from `file`.
fn hald_clut(file: &str, picture: &Picture) -> Result<Lut> {
    let table = hald::from_picture(picture);
    Ok(table.map_err(|why| StyleError::HaldClut {
        file: file.to_owned(),
        why,
    })?)
}

fn read_lut(path: &Path) -> Result<Lut> {
    if is_hald(path) {
        let name = path.display().to_string();
        return hald_clut(&name, &media::read_image(path)?);
    }
    let bytes = bytes_of(path).map_err(|source| StyleError::LutFile {
        path: path.into(),
        source,
    })?;
    let table = lut_file::read(&path.to_string_lossy(), &bytes);
    Ok(table.map_err(|error| StyleError::Lut {
        file: path.display().to_string(),
        error,
    })?)
}

/// The bytes of the file; an error where there are more than the largest table has.
fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(lut_file::LARGEST_FILE + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > lut_file::LARGEST_FILE {
        return Err(io::Error::other(format!(
            "it is larger than {} MiB",
            lut_file::LARGEST_FILE >> 20
        )));
    }
    Ok(bytes)
}
