//! Writes picture files: one picture, or a numbered sequence.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::frame::Color;
use crate::media::av::{Packet, ffi};
use crate::media::error::{MediaError, Result};
use crate::media::header::Header;
use crate::media::orientation::Orientation;
use crate::media::plan::{Numbering, OutputPlan};
use crate::media::sequence::Pattern;
use crate::media::source::io_reason;
use crate::media::still::{StillTags, tagged};

const MATRIX: ffi::AVPacketSideDataType = ffi::AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX;

/// Picture files being written.
pub(crate) struct Pictures {
    tags: StillTags,
    files: Files,
}

enum Files {
    One(Vec<u8>),
    Numbered {
        pattern: Pattern,
        numbering: Numbering,
        count: u64,
    },
}

impl Pictures {
    /// Creates the file at `path`. If the plan numbers the pictures, `path` is the pattern of their names.
    pub fn create(path: &Path, plan: &OutputPlan, header: &Header, color: Color) -> Result<Self> {
        let cannot_create = |why: String| MediaError::CannotCreate {
            path: path.into(),
            why,
        };
        let matrix = &header.streams[header.video].side_data;
        let matrix = matrix.iter().find(|(kind, _)| *kind == MATRIX);
        let turned = || Orientation::from_matrix(&matrix?.1).exif();
        let tags = StillTags {
            orientation: match plan.keeps_rotation() {
                true => header.orientation.or_else(turned),
                false => None,
            },
            icc: header.icc.clone(),
            recipe: plan.recipe.clone(),
            color,
        };
        let files = match plan.numbering {
            Some(numbering) => Files::Numbered {
                pattern: Pattern::of(path).ok_or_else(|| {
                    cannot_create("its name has no number pattern such as %05d".into())
                })?,
                numbering,
                count: 0,
            },
            None => {
                File::create(path).map_err(|e| cannot_create(io_reason(&e)))?;
                Files::One(Vec::new())
            }
        };
        Ok(Self { tags, files })
    }

    pub fn icc(&self) -> Option<&[u8]> {
        self.tags.icc.as_deref()
    }

    /// Takes an encoded picture. A picture of a sequence is on the disk when this returns.
    pub fn picture(&mut self, packet: &Packet, path: &Path) -> Result<()> {
        match &mut self.files {
            Files::One(bytes) => {
                bytes.extend_from_slice(packet.data());
                Ok(())
            }
            Files::Numbered {
                pattern,
                numbering,
                count,
            } => {
                let number = match (numbering.by_time, packet.pts()) {
                    (true, Some(pts)) => numbering.first.checked_add_signed(pts),
                    _ => numbering.first.checked_add(*count),
                };
                let number = number.ok_or_else(|| MediaError::Encode {
                    path: path.into(),
                    why: "a picture has no number".into(),
                })?;
                *count += 1;
                let bytes = tagged(packet.data().to_vec(), &self.tags);
                write(&pattern.file(number), &bytes, path)
            }
        }
    }

    /// Writes the single picture to the disk.
    pub fn finish(self, path: &Path) -> Result<()> {
        match self.files {
            Files::One(bytes) => write(path, &tagged(bytes, &self.tags), path),
            Files::Numbered { .. } => Ok(()),
        }
    }
}

/// Writes one file to the disk. An error names the output at `path`.
fn write(file: &Path, bytes: &[u8], path: &Path) -> Result<()> {
    let write = || {
        let mut file = File::create(file)?;
        file.write_all(bytes)?;
        file.sync_data()
    };
    write().map_err(|error| MediaError::write(path, error))
}
