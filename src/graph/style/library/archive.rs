//! Styles in a `.zip` archive. It may come from anybody: what is read is limited, and nothing is written to the disk.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use zip::ZipArchive;

use super::folder::is_read;
use super::{Content, File, MANIFEST};

/// Bytes of an archive, and of all its files together once they are unpacked.
const MOST_BYTES: u64 = 128 << 20;
/// Files and folders of an archive.
const MOST_ENTRIES: usize = 2048;

/// Whether `path` is that of an archive, by its name.
pub(super) fn is_archive(path: &Path) -> bool {
    let ending = path.extension();
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

/// The files of the archive at `path` by path in the library. Where the manifest lies at its top, the style is called as
/// the archive.
///
/// # Errors
/// When it cannot be read, is no archive, or is not one that styles are handed on in; the message says why.
pub(super) fn read(path: &Path) -> io::Result<BTreeMap<String, File>> {
    let archive = std::fs::File::open(path)?;
    if archive.metadata()?.len() > MOST_BYTES {
        return Err(too_large());
    }
    let mut archive = ZipArchive::new(archive).map_err(io::Error::other)?;
    if archive.len() > MOST_ENTRIES {
        return Err(io::Error::other(format!(
            "it has more than {MOST_ENTRIES} files"
        )));
    }
    let mut files = BTreeMap::new();
    let mut left = MOST_BYTES;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(io::Error::other)?;
        let name = entry.name().map_err(io::Error::other)?.replace('\\', "/");
        if entry.is_symlink() || !stays_inside(&name) {
            return Err(io::Error::other(format!(
                "{name:?} in it leads out of the archive"
            )));
        }
        if entry.is_dir() || !is_read(&name) {
            continue;
        }
        let mut bytes = Vec::new();
        // The size that the archive itself gives may be wrong.
        Read::by_ref(&mut entry)
            .take(left + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| io::Error::other(format!("{name:?} in it: {error}")))?;
        left = left.checked_sub(bytes.len() as u64).ok_or_else(too_large)?;
        let origin = format!("{}/{name}", path.display());
        let content = Content::of_bytes(&name, bytes);
        if files
            .insert(name.clone(), File { content, origin })
            .is_some()
        {
            return Err(io::Error::other(format!("{name:?} is in it twice")));
        }
    }
    if !files.contains_key(MANIFEST) {
        return Ok(files);
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let files = files.into_iter();
    // Contents know their paths.
    let under = |(name, file): (String, File)| {
        let inside = format!("{stem}/{name}");
        let content = file.content.at(&inside);
        (inside, File { content, ..file })
    };
    Ok(files.map(under).collect())
}

fn too_large() -> io::Error {
    io::Error::other(format!(
        "it has more than {} MiB, unpacked",
        MOST_BYTES >> 20
    ))
}

/// Whether the path of a file in an archive stays inside.
fn stays_inside(name: &str) -> bool {
    let inside = |part: &str| part != ".." && part != "." && !part.contains([':', '\0']);
    !name.starts_with('/') && name.split('/').all(inside)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::super::Library;
    use super::*;

    const MANIFEST_TEXT: &[u8] =
        b"summary = 'glow'\n[[pass]]\nkernel = 'k'\nin = { source = 'source' }\nout = 'result'\n";
    const KERNEL: &[u8] = b"fn pixel(at: vec2i) -> vec4f { return source_here(); }";

    /// An archive of these files, at `path`.
    fn archive(path: &Path, files: &[(&str, &[u8])]) {
        let mut zip = ZipWriter::new(std::fs::File::create(path).unwrap());
        for (name, bytes) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
    }

    #[test]
    fn a_style_is_read_from_an_archive() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("my-glow.zip");
        for (folder, name) in [("", "my-glow"), ("glow-2/", "glow-2")] {
            let inside = |file: &str| format!("{folder}{file}");
            archive(
                &path,
                &[
                    (&inside("style.toml"), MANIFEST_TEXT),
                    (&inside("k.wgsl"), KERNEL),
                    (&inside("paper.png"), b"\x89PNG"),
                    ("__MACOSX/._style.toml", b"\0\0"),
                    (&inside("golden/report/shapes.got.png"), b"\x89PNG"),
                ],
            );
            let mut library = Library::built_in();
            assert_eq!(library.add_style(&path).unwrap(), name);
            assert_eq!(library.load(name).unwrap().summary, "glow");
            let picture = library.bytes(&format!("{name}/paper.png")).unwrap();
            assert_eq!(&picture[..], b"\x89PNG");
            let report = library.bytes(&format!("{name}/golden/report/shapes.got.png"));
            assert!(report.is_err(), "what differed once is no part of it");
        }
    }

    #[test]
    fn hostile_archives_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bad.zip");
        let refused = || {
            let error = Library::built_in().add_path(&path).unwrap_err();
            error.to_string()
        };
        for name in [
            "../style.toml",
            "/etc/style.toml",
            "a/../../k.wgsl",
            "C:\\style.toml",
        ] {
            archive(&path, &[("style.toml", MANIFEST_TEXT), (name, KERNEL)]);
            let said = refused();
            assert!(said.contains("leads out of the archive"), "{name}: {said}");
        }
        // Little to send, much to hold.
        let zeros = vec![0; 48 << 20];
        let bomb: Vec<(&str, &[u8])> = ["a", "b", "c"].map(|name| (name, &zeros[..])).to_vec();
        archive(&path, &bomb);
        assert!(std::fs::metadata(&path).unwrap().len() < 1 << 20);
        let said = refused();
        assert!(said.contains("more than 128 MiB"), "{said}");
        let many: Vec<String> = (0..=MOST_ENTRIES).map(|n| format!("{n}.wgsl")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (&name[..], KERNEL)).collect();
        archive(&path, &many);
        let said = refused();
        assert!(said.contains("more than 2048 files"), "{said}");
        std::fs::write(&path, b"PK\x03\x04 not an archive").unwrap();
        assert!(refused().contains("cannot read"), "{}", refused());
        archive(&path, &[("readme.txt", b"nothing")]);
        assert!(refused().contains("there is no style in"), "{}", refused());
    }
}
