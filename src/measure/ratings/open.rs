//! Opening a file of ratings: it is created, recognised, checked and brought to the present version.

use std::cell::Cell;
use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::identity::{Found, recognise};
use super::schema::{APPLICATION, STEPS, VERSION};
use super::turns::{WAIT, wait_for_others};
use super::{Ratings, RatingsError, Result};

impl Ratings {
    /// Opens the file of ratings at `path`, or creates it.
    ///
    /// A new file may be read and written by its owner alone (mode 0600 on Unix), and so may the folders that are
    /// created for it (0700). A file that is there keeps its permissions. SQLite keeps `FILE-wal` and `FILE-shm`
    /// beside it while it is open. The whole file is checked for damage, about 0.3 seconds for 100 MB.
    ///
    /// # Errors
    ///
    /// [`RatingsError::NotDatabase`], [`RatingsError::OtherProgram`], [`RatingsError::Newer`] and
    /// [`RatingsError::Damaged`] for a file that cannot be used; its contents are then as they were.
    /// [`RatingsError::CannotCreate`], [`RatingsError::CannotOpen`], [`RatingsError::CannotWrite`],
    /// [`RatingsError::Busy`], [`RatingsError::Full`] and [`RatingsError::Database`] for what the system refuses.
    pub fn open(path: &Path) -> Result<Self> {
        // An absolute path, because SQLite gives names such as `:memory:` a meaning of their own.
        let path = std::path::absolute(path).map_err(|error| RatingsError::CannotOpen {
            path: path.to_path_buf(),
            why: error.to_string(),
        })?;
        create(&path).map_err(|source| RatingsError::CannotCreate {
            path: path.clone(),
            source,
        })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&path, flags)
            .map_err(|error| RatingsError::of(&path, error))?;
        wait_for_others(&mut connection).map_err(|error| RatingsError::of(&path, error))?;
        let mut ratings = Self {
            connection,
            path,
            last_write: Cell::new(None),
        };
        // SQLite does not wait by itself where two processes change the journal of a new file at the same time.
        let end = Instant::now() + WAIT;
        loop {
            match ratings.prepare() {
                Err(RatingsError::Busy { .. }) if Instant::now() < end => {
                    sleep(Duration::from_millis(10));
                }
                Err(error) => return Err(error),
                Ok(()) => return Ok(ratings),
            }
        }
    }

    /// Recognises the file, sets up the connection, and makes the tables.
    fn prepare(&mut self) -> Result<()> {
        // Nothing is written before the file is recognised.
        recognise(&self.connection, &self.path)?;
        self.is_sound()?;
        self.set_up().map_err(|error| self.failed(error))?;
        self.migrate()
    }

    /// Checks every page of the file for damage.
    fn is_sound(&self) -> Result<()> {
        let found: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| self.failed(error))?;
        match found.as_str() {
            "ok" => Ok(()),
            _ => Err(RatingsError::Damaged {
                path: self.path.clone(),
                why: found.lines().last().unwrap_or_default().to_owned(),
            }),
        }
    }

    /// The settings of the connection: what is written is on the disk when a transaction ends. A file system that
    /// cannot share memory between processes keeps SQLite's older journal, which is as safe.
    fn set_up(&self) -> rusqlite::Result<()> {
        if self.connection.is_readonly("main")? {
            return Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY),
                Some("it may only be read".to_owned()),
            ));
        }
        self.connection
            .pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        self.connection.pragma_update(None, "synchronous", "full")?;
        self.connection.pragma_update(None, "foreign_keys", "on")?;
        self.connection.pragma_update(None, "trusted_schema", "off")
    }

    /// Makes the steps that the file lacks, all or none.
    fn migrate(&mut self) -> Result<()> {
        if recognise(&self.connection, &self.path)? == Found::Version(VERSION) {
            return Ok(());
        }
        let path = &self.path;
        let failed = |error| RatingsError::of(path, error);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        // Another process may have done it in the meantime.
        let done = match recognise(&transaction, path)? {
            Found::Empty => 0,
            Found::Version(version) => version,
        };
        for step in STEPS.iter().skip(usize::try_from(done).unwrap_or(0)) {
            transaction.execute_batch(step).map_err(failed)?;
        }
        transaction
            .pragma_update(None, "application_id", APPLICATION)
            .and_then(|()| transaction.pragma_update(None, "user_version", VERSION))
            .and_then(|()| transaction.commit())
            .map_err(failed)
    }
}

/// Held while a file is created. When a file is closed, Unix lets go of all locks that the process has on it; so no
/// other thread may open it with SQLite before the handle that created it is closed.
static CREATING: Mutex<()> = Mutex::new(());

/// Creates the file, and the folders above it, where they are missing.
fn create(path: &Path) -> io::Result<()> {
    let mut folders = DirBuilder::new();
    folders.recursive(true);
    let mut file = OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        folders.mode(0o700);
        file.mode(0o600);
    }
    if let Some(folder) = path.parent() {
        folders.create(folder)?;
    }
    let _alone = CREATING.lock().unwrap_or_else(PoisonError::into_inner);
    match file.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        // The handle is closed here.
        _ => Ok(()),
    }
}
