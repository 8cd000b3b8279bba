//! Uploads that can be resumed, without any HTTP.
//!
//! What arrives is kept beside its later place: `.ID.part` holds the bytes, `.ID.json` what is known of the upload. So
//! an upload goes on after a restart, from the last bytes that were told to be there. When all are there, the file
//! gets a name of its own and never replaces another one.
//!
//! The functions read and write files and wait for the disk: on a server they belong on a thread for that.

mod error;
mod id;
mod name;
mod old;
mod place;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use error::{Result, UploadsError};
pub use name::sanitised;

/// What is known of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The name that the file gets, unless it is taken.
    pub name: String,
    /// How many bytes there will be.
    pub bytes: u64,
    /// How many are there.
    pub offset: u64,
}

/// The uploads to one folder, which one process writes to.
#[derive(Debug)]
pub struct Uploads {
    folder: PathBuf,
    /// The most bytes of one upload.
    limit: u64,
    /// After what time without a byte an upload is thrown away.
    expire: Duration,
    /// The ids that are being worked on: each by one thread at a time.
    busy: Mutex<HashSet<String>>,
}

impl Uploads {
    /// Uploads to `folder`, which must be there, of at most `limit_bytes` each. One that got no byte for `expire` is
    /// thrown away, at once for those of earlier processes.
    ///
    /// # Errors
    /// [`UploadsError::Io`] for what the system refuses.
    pub fn new(folder: PathBuf, limit_bytes: u64, expire: Duration) -> Result<Self> {
        let uploads = Self {
            folder,
            limit: limit_bytes,
            expire,
            busy: Mutex::default(),
        };
        uploads.remove_finished()?;
        uploads.remove_expired()?;
        Ok(uploads)
    }

    /// Begins an upload of a file of `bytes` bytes that is called `name`, and gives its id: 32 hexadecimal digits that
    /// nobody can guess. `free_space` is what the disk has left, in bytes; what other uploads still need counts
    /// against it.
    ///
    /// # Errors
    /// [`UploadsError::Empty`], [`UploadsError::TooLarge`], [`UploadsError::NoRoom`], and [`UploadsError::Io`] for
    /// what the system refuses.
    pub fn begin(&self, name: &str, bytes: u64, free_space: u64) -> Result<String> {
        if bytes == 0 {
            return Err(UploadsError::Empty);
        }
        if bytes > self.limit {
            let limit = self.limit;
            return Err(UploadsError::TooLarge { bytes, limit });
        }
        // Held meanwhile, so that two do not get the same room.
        let _alone = self.busy();
        let promised = self.promised()?;
        let free = free_space.saturating_sub(promised);
        if bytes > free {
            return Err(UploadsError::NoRoom { bytes, free });
        }
        let id = id::new();
        let part = self.part(&id);
        let created = OpenOptions::new().write(true).create_new(true).open(&part);
        created.map_err(|source| self.failed(source))?;
        let status = Status {
            name: sanitised(name),
            bytes,
            offset: 0,
        };
        self.keep(&id, &status).inspect_err(|_| {
            let _ = fs::remove_file(&part);
        })?;
        Ok(id)
    }

    /// How far the upload `id` is.
    ///
    /// # Errors
    /// [`UploadsError::Unknown`] for one that was never begun, or has ended or expired; [`UploadsError::Io`].
    pub fn status(&self, id: &str) -> Result<Status> {
        if !id::is_one(id) {
            return Err(UploadsError::Unknown);
        }
        let text = match fs::read(self.facts(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(UploadsError::Unknown);
            }
            text => text.map_err(|source| self.failed(source))?,
        };
        // Nobody else writes it; one that cannot be read is no upload any more, and expires.
        serde_json::from_slice(&text).map_err(|_| UploadsError::Unknown)
    }

    /// Adds `data` at `offset`, which must be how many bytes are there, and gives how many there are then. They are on
    /// the disk when this returns.
    ///
    /// # Errors
    /// [`UploadsError::WrongOffset`] with the right one; [`UploadsError::TooMuch`] for more bytes than were announced;
    /// [`UploadsError::Busy`] while another thread adds to it; [`UploadsError::Unknown`]; [`UploadsError::Io`], after
    /// which the same bytes can be sent again.
    pub fn append(&self, id: &str, offset: u64, data: &[u8]) -> Result<u64> {
        let _turn = self.turn(id)?;
        let mut status = self.status(id)?;
        if offset != status.offset {
            let right = status.offset;
            return Err(UploadsError::WrongOffset { offset, right });
        }
        let end = offset.saturating_add(data.len() as u64);
        if end > status.bytes {
            let bytes = status.bytes;
            return Err(UploadsError::TooMuch { end, bytes });
        }
        if data.is_empty() {
            return Ok(offset);
        }
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().write(true).open(self.part(id))?;
            // After a crash, there may be more than was kept.
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(data)?;
            file.sync_data()
        };
        write().map_err(|source| self.failed(source))?;
        status.offset = end;
        self.keep(id, &status)?;
        Ok(end)
    }

    /// Ends the upload `id`, of which all bytes are there, and gives the path of its file: in the folder, with the
    /// name of the upload or, where that is taken, with a number: `clip (2).mp4`.
    ///
    /// # Errors
    /// [`UploadsError::Incomplete`], [`UploadsError::Unknown`], [`UploadsError::Busy`], and [`UploadsError::Io`],
    /// after which it can be tried again.
    pub fn finish(&self, id: &str) -> Result<PathBuf> {
        let _turn = self.turn(id)?;
        let status = self.status(id)?;
        let (offset, bytes) = (status.offset, status.bytes);
        if offset != bytes {
            return Err(UploadsError::Incomplete { offset, bytes });
        }
        let part = self.part(id);
        let place = || -> io::Result<PathBuf> {
            let file = OpenOptions::new().write(true).open(&part)?;
            file.set_len(bytes)?;
            file.sync_all()?;
            drop(file);
            let path = place::place(&part, &self.folder, &status.name)?;
            // The file has its name: what fails now is no failure of the upload, and what is left is found at the next
            // start.
            let _ = fs::remove_file(self.facts(id));
            let _ = place::sync(&self.folder);
            Ok(path)
        };
        place().map_err(|source| self.failed(source))
    }

    /// Throws the upload `id` away.
    ///
    /// # Errors
    /// [`UploadsError::Unknown`], [`UploadsError::Busy`], [`UploadsError::Io`].
    pub fn cancel(&self, id: &str) -> Result<()> {
        let _turn = self.turn(id)?;
        self.status(id)?;
        self.remove(id).map_err(|source| self.failed(source))
    }

    /// How many bytes all uploads still need.
    fn promised(&self) -> Result<u64> {
        let open = self
            .ids()?
            .into_iter()
            .filter_map(|id| self.status(&id).ok());
        Ok(open.fold(0_u64, |sum, status| {
            sum.saturating_add(status.bytes.saturating_sub(status.offset))
        }))
    }

    /// The ids of all uploads of which there is anything.
    fn ids(&self) -> Result<HashSet<String>> {
        let mut ids = HashSet::new();
        for entry in fs::read_dir(&self.folder).map_err(|source| self.failed(source))? {
            let name = entry.map_err(|source| self.failed(source))?.file_name();
            let id = name.to_str().and_then(|name| {
                let (id, kind) = name.strip_prefix('.')?.split_once('.')?;
                let is_ours = ["part", "json", "json.new"].contains(&kind) && id::is_one(id);
                is_ours.then(|| id.to_owned())
            });
            ids.extend(id);
        }
        Ok(ids)
    }

    /// Writes what is known of the upload `id`, so that after a crash it is there as a whole or as before.
    fn keep(&self, id: &str, status: &Status) -> Result<()> {
        let write = || -> io::Result<()> {
            let new = self.new_facts(id);
            let mut file = File::create(&new)?;
            file.write_all(&serde_json::to_vec(status)?)?;
            file.sync_all()?;
            fs::rename(&new, self.facts(id))?;
            place::sync(&self.folder)
        };
        write().map_err(|source| self.failed(source))
    }

    fn remove(&self, id: &str) -> io::Result<()> {
        for path in [self.facts(id), self.new_facts(id), self.part(id)] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => (),
            }
        }
        Ok(())
    }

    fn part(&self, id: &str) -> PathBuf {
        self.folder.join(format!(".{id}.part"))
    }

    fn facts(&self, id: &str) -> PathBuf {
        self.folder.join(format!(".{id}.json"))
    }

    fn new_facts(&self, id: &str) -> PathBuf {
        self.folder.join(format!(".{id}.json.new"))
    }

    fn failed(&self, source: io::Error) -> UploadsError {
        UploadsError::Io {
            folder: self.folder.clone(),
            source,
        }
    }

    fn busy(&self) -> MutexGuard<'_, HashSet<String>> {
        // A set of ids is whole at all times.
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right to work on the upload `id`.
    fn turn<'a>(&'a self, id: &'a str) -> Result<Turn<'a>> {
        match self.busy().insert(id.to_owned()) {
            true => Ok(Turn { uploads: self, id }),
            false => Err(UploadsError::Busy),
        }
    }
}

/// Held by the one thread that works on an upload.
struct Turn<'a> {
    uploads: &'a Uploads,
    id: &'a str,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.uploads.busy().remove(self.id);
    }
}
