//! Whose file it is, of which version, and whether it is still in its place.

use std::path::Path;

use rusqlite::Connection;

use super::schema::{APPLICATION, VERSION};
use super::{Ratings, RatingsError, Result};

/// A file that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It has no tables yet.
    Empty,
    /// It holds ratings, in the tables of this version, which this program knows.
    Version(i64),
}

/// Reads whose file `connection` has open, and writes nothing.
pub(super) fn recognise(connection: &Connection, path: &Path) -> Result<Found> {
    // One statement, so that another process cannot make the tables in between.
    let (application, version, tables): (i64, i64, i64) = connection
        .query_row(
            "SELECT (SELECT application_id FROM pragma_application_id),
                    (SELECT user_version FROM pragma_user_version),
                    (SELECT count(*) FROM sqlite_schema)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .map_err(|error| RatingsError::of(path, error))?;
    match (application, version, tables) {
        (0, 0, 0) => Ok(Found::Empty),
        (APPLICATION, 1..=VERSION, _) => Ok(Found::Version(version)),
        (APPLICATION, found, _) if found > VERSION => Err(RatingsError::Newer {
            path: path.to_path_buf(),
            found,
            known: VERSION,
        }),
        _ => Err(RatingsError::OtherProgram {
            path: path.to_path_buf(),
        }),
    }
}

impl Ratings {
    /// An error if the file was deleted, moved or replaced since it was opened: what is written then would be lost
    /// with it. Known on Unix; Windows keeps an open file where it is.
    pub(super) fn is_in_place(&self) -> Result<()> {
        #[cfg(unix)]
        {
            let mut moved = 0;
            self.connection
                .file_control(Some("main"), rusqlite::FileControl::HasMoved(&mut moved))
                .map_err(|error| self.failed(error))?;
            if moved != 0 {
                return Err(RatingsError::Moved {
                    path: self.path.clone(),
                });
            }
        }
        Ok(())
    }
}
