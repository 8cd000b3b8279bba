//! Opening the file: it is created, recognised, checked, moved aside if it is damaged, and brought to the present
//! version.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::schema::{APPLICATION, STEPS, VERSION};
use super::{Result, Store, StoreError, now};

/// How long a transaction waits for those of other processes.
const WAIT: Duration = Duration::from_millis(5000);
/// How many ended jobs are kept.
pub(super) const KEPT: i64 = 10_000;
/// How long keys of requests are kept, in milliseconds: 7 days.
const KEYS_KEPT: i64 = 7 * 24 * 3600 * 1000;

/// An opened file, with what the user is to be told.
#[derive(Debug)]
pub struct Opened {
    /// The file.
    pub store: Store,
    /// What happened to an earlier file.
    pub warnings: Vec<String>,
}

impl Store {
    /// Opens the queue's file at `path`, or creates it.
    ///
    /// A new file may be read and written by its owner alone (mode 0600 on Unix), and so may the folders that are
    /// created for it (0700). SQLite keeps `FILE-wal` and `FILE-shm` beside it; `FILE.lock` makes processes open it one
    /// after another. A file that is damaged, or no database at all, is renamed to `FILE.damaged-N`, a new one is made,
    /// and that is told in [`Opened::warnings`]. The oldest ended jobs beyond 10000 are removed, and keys of requests
    /// older than 7 days.
    ///
    /// # Errors
    /// [`StoreError::OtherProgram`] and [`StoreError::Newer`] for a file that stays as it is;
    /// [`StoreError::CannotCreate`], [`StoreError::CannotOpen`], [`StoreError::CannotSetAside`],
    /// [`StoreError::CannotWrite`], [`StoreError::Busy`], [`StoreError::Full`] and [`StoreError::Database`] for what
    /// the system refuses.
    pub fn open(path: &Path) -> Result<Opened> {
        // An absolute path, because SQLite gives names such as `:memory:` a meaning of their own.
        let path = std::path::absolute(path).map_err(|error| StoreError::CannotOpen {
            path: path.to_path_buf(),
            why: error.to_string(),
        })?;
        let failed = |source| StoreError::CannotCreate {
            path: path.clone(),
            source,
        };
        let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let _turn = turn(&path).map_err(failed)?;
        let mut warnings = Vec::new();
        let store = match Self::connect(&path) {
            Err(StoreError::Damaged { why, .. }) => {
                let aside = set_aside(&path).map_err(|source| StoreError::CannotSetAside {
                    path: path.clone(),
                    source,
                })?;
                warnings.push(format!(
                    "{} was damaged ({why}); it was moved to {}, and a new one was made: \
                     the queue and its history start anew",
                    path.display(),
                    aside.display()
                ));
                Self::connect(&path)?
            }
            opened => opened?,
        };
        store.prune()?;
        Ok(Opened { store, warnings })
    }

    /// Opens or creates a file that is sound.
    fn connect(path: &Path) -> Result<Self> {
        create(path).map_err(|source| StoreError::CannotCreate {
            path: path.to_path_buf(),
            source,
        })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let failed = |error| StoreError::of(path, error);
        let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection.busy_timeout(WAIT).map_err(failed)?;
        // SQLite does not wait by itself where two processes change the journal of a new file at the same time.
        let end = Instant::now() + WAIT;
        loop {
            match prepare(&mut connection, path) {
                Err(StoreError::Busy { .. }) if Instant::now() < end => {
                    sleep(Duration::from_millis(10));
                }
                Err(error) => return Err(error),
                Ok(()) => break,
            }
        }
        Ok(Self {
            connection: Mutex::new(connection),
            path: path.to_path_buf(),
        })
    }

    /// Removes what is too old to be kept.
    pub fn prune(&self) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE band = 2
                 ORDER BY band, rank1, rank2, rank3 LIMIT -1 OFFSET ?1)",
                [KEPT],
            )?;
            transaction.execute("DELETE FROM keys WHERE at < ?1", [now() - KEYS_KEPT])?;
            Ok(())
        })
    }
}

/// Recognises the file, sets up the connection, and makes the tables. Nothing is written before the file is recognised.
fn prepare(connection: &mut Connection, path: &Path) -> Result<()> {
    let failed = |error| StoreError::of(path, error);
    recognise(connection, path)?;
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(failed)?;
    if found != "ok" {
        let why = found.lines().last().unwrap_or_default().to_owned();
        let path = path.to_path_buf();
        return Err(StoreError::Damaged { path, why });
    }
    set_up(connection).map_err(failed)?;
    if recognise(connection, path)? == VERSION {
        return Ok(());
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    // Another process may have done it in the meantime.
    let done = version(&transaction, path)?;
    for step in STEPS.iter().skip(usize::try_from(done).unwrap_or(0)) {
        transaction.execute_batch(step).map_err(failed)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION)
        .and_then(|()| transaction.pragma_update(None, "user_version", VERSION))
        .and_then(|()| transaction.commit())
        .map_err(failed)
}

/// The version of the tables in the file; 0 for an empty one.
fn recognise(connection: &mut Connection, path: &Path) -> Result<i64> {
    // In one transaction, since another process may make the tables in between.
    let transaction = connection
        .transaction()
        .map_err(|error| StoreError::of(path, error))?;
    version(&transaction, path)
}

/// As of [`recognise`], within a transaction.
fn version(transaction: &Transaction<'_>, path: &Path) -> Result<i64> {
    let number = |sql| transaction.query_row(sql, [], |row| row.get::<_, i64>(0));
    let failed = |error| StoreError::of(path, error);
    let path = path.to_path_buf();
    let application = number("PRAGMA application_id").map_err(failed)?;
    let found = number("PRAGMA user_version").map_err(failed)?;
    let tables = number("SELECT count(*) FROM sqlite_schema").map_err(failed)?;
    match (application, found) {
        (APPLICATION, 1..=VERSION) => Ok(found),
        (APPLICATION, _) if found > VERSION => Err(StoreError::Newer {
            path,
            found,
            known: VERSION,
        }),
        (APPLICATION, _) => Err(StoreError::Damaged {
            path,
            why: format!("it has version {found} of the tables"),
        }),
        (0, 0) if tables == 0 => Ok(0),
        _ => Err(StoreError::OtherProgram { path }),
    }
}

/// The settings of the connection: what is written is on the disk when a transaction ends. A file system that cannot
/// share memory between processes keeps SQLite's older journal, which is as safe.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    if connection.is_readonly("main")? {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY),
            Some("it may only be read".to_owned()),
        ));
    }
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", "on")?;
    connection.pragma_update(None, "trusted_schema", "off")
}

/// Renames the file at `path` to a free name, which it gives.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let mut number = 1;
    let aside = loop {
        let aside = suffixed(path, &format!(".damaged-{number}"));
        if aside.symlink_metadata().is_err() {
            break aside;
        }
        number += 1;
    };
    // The journal goes first: beside a new file, it would be written into that one.
    let moved = std::fs::rename(suffixed(path, "-wal"), suffixed(&aside, "-wal"));
    let removed = std::fs::remove_file(suffixed(path, "-shm"));
    for done in [moved, removed] {
        match done {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => (),
        }
    }
    std::fs::rename(path, &aside)?;
    Ok(aside)
}

/// `path` with `suffix` after its name.
fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Held while a file is opened. When a file is closed, Unix lets go of all locks that the process has on it; so no other
/// thread may open it with SQLite before the handle that created it is closed.
static OPENING: Mutex<()> = Mutex::new(());

/// The turn of this process to open the file, until what it gives is closed: another one must not have a damaged file
/// open while it is moved aside, nor move the new one aside, too. Makes the folders above the file, where they are
/// missing.
fn turn(path: &Path) -> io::Result<File> {
    let mut folders = DirBuilder::new();
    folders.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        folders.mode(0o700);
    }
    if let Some(folder) = path.parent() {
        folders.create(folder)?;
    }
    let turn = own().create(true).open(suffixed(path, ".lock"))?;
    // On a file system without locks, that chance remains.
    let _ = turn.lock();
    Ok(turn)
}

/// Creates the file where it is missing.
fn create(path: &Path) -> io::Result<()> {
    match own().create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        // The handle is closed here.
        _ => Ok(()),
    }
}

/// Opens files that, where they are new, only their owner may read and write.
fn own() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}
