//! The newest picture of a render, for a person who watches it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::Result;
use super::jpeg::jpeg;
use crate::frame::{OwnedPlanes, Picture};
use crate::media::Turn;

/// A place for the newest picture of a job's first output. A render copies one to it only after the one before was asked for:
/// who watches costs it little, and it never waits. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Newest(Arc<Place>);

#[derive(Debug, Default)]
struct Place {
    kept: Mutex<Kept>,
    /// Whether the picture that is there was given out since.
    is_old: AtomicBool,
}

#[derive(Debug, Default)]
struct Kept {
    picture: Option<Picture>,
    /// What makes its pictures upright.
    turn: Option<Turn>,
}

impl Newest {
    /// The newest picture that is here, upright, as a JPEG of at most this many lines; and asks for the next one. `None` until
    /// there is one.
    ///
    /// # Errors
    /// Where it cannot be encoded.
    pub fn jpeg(&self, lines: u32) -> Result<Option<Vec<u8>>> {
        let (picture, turn) = {
            let kept = self.kept();
            (kept.picture.clone(), kept.turn)
        };
        self.0.is_old.store(true, Ordering::Relaxed);
        let Some(picture) = picture else {
            return Ok(None);
        };
        let upright = match turn {
            Some(turn) => turn.picture(&picture, &turn.format(&picture.format)),
            None => picture,
        };
        jpeg(&upright, (u32::MAX, lines)).map(Some)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What makes the pictures to come upright.
    pub(super) fn turned(&self, turn: Option<Turn>) {
        self.kept().turn = turn;
    }

    /// A picture was rendered: it is kept where there is none, or the one before was given out.
    pub(super) fn offer(&self, picture: &Picture) {
        let mut kept = self.kept();
        if kept.picture.is_none() || self.0.is_old.swap(false, Ordering::Relaxed) {
            kept.picture = Some(copy(picture));
        }
    }
}

/// `picture` in memory of its own: that of a device is needed again.
fn copy(picture: &Picture) -> Picture {
    let (width, height, format) = (picture.width, picture.height, picture.format);
    let mut planes = OwnedPlanes::new(width, height, &format);
    for plane in 0..format.plane_count() {
        let extent = format.plane_extent(plane, width, height);
        let rows = planes
            .plane_mut(plane)
            .chunks_exact_mut(extent.row_bytes.max(1));
        for (y, row) in rows.take(extent.rows).enumerate() {
            row.copy_from_slice(&picture.row(plane, y)[..extent.row_bytes]);
        }
    }
    Picture {
        field_order: picture.field_order,
        ..Picture::new(width, height, format, picture.color, planes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Color, Model, PixelFormat, Subsampling};

    #[test]
    fn a_picture_is_kept_once_the_one_before_was_given_out() {
        let format = PixelFormat::planar(Model::Gray, Subsampling::S444, 8, false);
        let picture = |code: u8| {
            let mut planes = OwnedPlanes::new(8, 8, &format);
            planes.plane_mut(0).fill(code);
            Picture::new(8, 8, format, Color::default(), planes)
        };
        let newest = Newest::default();
        let given = || {
            let is_there = newest.jpeg(8).unwrap().is_some();
            is_there.then(|| newest.kept().picture.as_ref().unwrap().sample(0, 7, 7))
        };
        assert_eq!(given(), None);
        newest.offer(&picture(1));
        assert_eq!(given(), Some(1));
        newest.offer(&picture(2));
        newest.offer(&picture(3));
        assert_eq!(given(), Some(2), "nobody asked between them");
        newest.offer(&picture(4));
        assert_eq!(given(), Some(4));
    }
}
