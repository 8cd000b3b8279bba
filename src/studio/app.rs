//! What all requests share.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};

use super::clips::Clips;
use super::error::StudioError;
use super::events::Events;
use super::guard::Guard;
use super::labs::Labs;
use super::pages::Pages;
use super::problem::{Answer, Problem};
use super::queue::Running;
use super::roots::{Place, Roots};
use super::secret::secret;
use super::settings::AtStart;
use super::store::{Opened, Store};
use super::tasks::Tasks;
use super::trainings::Trainings;
use super::uploads::Uploads;
use super::watched::Arriving;
use super::{StudioOptions, settings};

/// The file that one studio locks, with its address in it.
const LOCK: &str = "studio.lock";
/// The folder of uploads.
const UPLOADS: &str = "uploads";
/// The folder of reports.
const REPORTS: &str = "reports";
/// Uploads that were not finished after this time are removed.
const UPLOADS_EXPIRE: Duration = Duration::from_secs(7 * 24 * 3600);
/// How many may listen to events at the same time.
const LISTENERS: usize = 512;
/// The name of the token that is kept.
const TOKEN: &str = "studio";

/// What all requests share.
pub struct App {
    /// The queue on the disk.
    pub store: Store,
    /// The allowed folders.
    pub roots: Roots,
    pub uploads: Uploads,
    pub events: Arc<Events>,
    /// The jobs that run now.
    pub running: Running,
    pub tasks: Tasks,
    pub trainings: Arc<Trainings>,
    pub clips: Clips,
    /// The sessions of the Lab.
    pub labs: Labs,
    /// What is known of watched folders.
    pub arriving: Arriving,
    /// Who is answered.
    pub guard: Guard,
    pub pages: Pages,
    /// Where it listens.
    pub address: SocketAddr,
    /// The folder for the queue, uploads and reports.
    pub data: PathBuf,
    pub started: Instant,
    /// Held while an estimate is measured.
    pub estimates: Mutex<()>,
    /// Held while a frame without a session is made.
    pub previews: Mutex<()>,
    /// A place for each listener to events.
    pub listeners: Arc<Semaphore>,
    /// Set when the studio ends.
    pub ends: watch::Sender<bool>,
    /// Locked as long as it runs.
    _lock: File,
}

/// Locks the folder of a studio's data, which is created where it is not there.
///
/// # Errors
/// `Running` where another one has locked it, `Folder`.
pub fn lock(data: &Path) -> Result<File, StudioError> {
    let failed = |source| StudioError::Folder {
        path: data.into(),
        source,
    };
    std::fs::create_dir_all(data).map_err(failed)?;
    let path = data.join(LOCK);
    let mut options = File::options();
    let options = options.create(true).read(true).write(true).truncate(false);
    let mut file = options.open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let mut url = String::new();
            let _ = file.read_to_string(&mut url);
            let url = url.trim();
            Err(StudioError::Running {
                url: (!url.is_empty()).then(|| url.to_owned()),
            })
        }
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

impl App {
    /// Opens the queue and the folders; with the token, where a new one was made, and what a person should know.
    ///
    /// # Errors
    /// Those of the queue, the folders, and of random numbers.
    pub fn open(
        options: &StudioOptions,
        address: SocketAddr,
        mut lock: File,
    ) -> Result<(Self, Option<String>, Vec<String>), StudioError> {
        let data = &options.data;
        let failed = |source| StudioError::Folder {
            path: data.clone(),
            source,
        };
        let uploads = data.join(UPLOADS);
        for folder in [&uploads, &data.join(REPORTS)] {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let Opened {
            store,
            mut warnings,
        } = Store::open(&data.join("queue.db"))?;
        let settings = settings::read(&store)?;
        store.recover(settings.at_start == AtStart::StayPaused)?;
        let folders = options.folders.iter().map(|folder| (folder.clone(), true));
        let roots = Roots::new(folders.collect(), uploads.clone())?;
        let needs_token = options.require_token || !address.ip().is_loopback();
        if !address.ip().is_loopback() {
            warnings.push(format!(
                "{address} can be reached by other machines by the names that --host allows, and what they send is not encrypted: put a proxy with TLS in front of it"
            ));
        }
        let mut token = None;
        let is_kept = store.tokens()?.iter().any(|known| known.name == TOKEN);
        if needs_token && (options.new_token || !is_kept) {
            let new = secret().map_err(failed)?;
            store.put_token(TOKEN, &new)?;
            token = Some(new);
        }
        let events = Arc::new(Events::default());
        let app = Self {
            uploads: Uploads::new(uploads, options.upload_limit, UPLOADS_EXPIRE)
                .map_err(|error| failed(std::io::Error::other(error.to_string())))?,
            running: Running::new(settings.paused),
            tasks: Tasks::new(events.clone()),
            trainings: Arc::new(Trainings::new(events.clone())),
            clips: Clips::new(options.cache.join("clips")).map_err(failed)?,
            labs: Labs::default(),
            arriving: Arriving::default(),
            guard: Guard {
                port: address.port(),
                hosts: options.hosts.clone(),
                csrf: secret().map_err(failed)?,
                needs_token,
            },
            pages: Pages::new(),
            address,
            data: data.clone(),
            started: Instant::now(),
            estimates: Mutex::default(),
            previews: Mutex::default(),
            listeners: Arc::new(Semaphore::new(LISTENERS)),
            ends: watch::Sender::new(false),
            store,
            roots,
            events,
            _lock: lock.try_clone().map_err(failed)?,
        };
        // So that a second one can open the page of the first.
        let url = app.url();
        let written = lock
            .set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| lock.write_all(url.as_bytes()));
        written.map_err(failed)?;
        Ok((app, token, warnings))
    }

    /// The address of the first page.
    pub fn url(&self) -> String {
        let mut address = self.address;
        // Every address of this machine, among them this one.
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("http://{address}/")
    }

    /// Asks everything to end.
    pub fn end(&self) {
        self.ends.send_replace(true);
        self.running.end();
        self.tasks.end();
        self.trainings.end();
    }

    /// Whether the end was asked for.
    pub fn is_ending(&self) -> bool {
        *self.ends.borrow()
    }

    /// The file that pages call `name`.
    ///
    /// # Errors
    /// Where there is none, or it is a folder.
    pub fn file(&self, name: &str) -> Answer<Place> {
        let place = self.roots.resolve(name)?;
        match place.is_folder {
            false => Ok(place),
            true => Err(Problem::unfit(
                format!("{name} is a folder"),
                "name a file in it",
            )),
        }
    }

    /// The name that pages have for the file at `path`, where it is in an allowed folder.
    pub fn name_of(&self, path: &Path) -> Option<String> {
        let canonical = path.canonicalize().ok();
        self.roots.name_of(canonical.as_deref().unwrap_or(path))
    }

    /// The file of the report of a job.
    pub fn report_file(&self, job: i64) -> PathBuf {
        self.data.join(REPORTS).join(format!("{job}.json"))
    }
}
