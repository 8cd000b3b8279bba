//! Fetches a file over HTTPS, and goes on where an earlier attempt ended.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ureq::Agent;
use ureq::http::{HeaderMap, StatusCode, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig};

use super::error::{NeuralError, Result};
use super::model::hex;
use crate::folders::variable;

/// After so long without a byte, the connection counts as dead.
const SILENCE: Duration = Duration::from_secs(30);
/// Attempts one after the other that bring no byte.
const ATTEMPTS: u32 = 4;
/// Free space that must be left on the disk.
const SPARE: u64 = 64 << 20;
/// Between two looks at the free space where the server does not say how much comes.
const LOOK: u64 = 32 << 20;

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Bytes on the disk, those of earlier attempts included.
    pub done: u64,
    /// Bytes of the whole file, where the server says it.
    pub total: Option<u64>,
    /// Bytes a second, in this run.
    pub rate: f64,
    /// Seconds to go.
    pub left: Option<f64>,
}

/// What a download tells, and asks.
pub trait Watcher {
    /// Called several times a second.
    fn progress(&mut self, progress: &Progress);
    /// A connection that ended early, and what is done about it.
    fn remark(&mut self, text: &str);
    /// Whether to stop. What has come is kept.
    fn stop(&self) -> bool;
}

/// What is kept beside an unfinished file: it goes on only if the server still has the same one.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Known {
    url: String,
    /// The strong ETag, or the date of the last change.
    validator: Option<String>,
}

/// Fetches `url` into the file `part`, which is kept when this fails, and goes on with it when it is there already.
/// Gives the SHA-256 of the whole file.
///
/// # Errors
/// `Url` for a URL that is not allowed, `Fetch` for what the server or the connection does, `NoRoom`, `Write`, `Stopped`.
pub(super) fn fetch(url: &str, part: &Path, watcher: &mut dyn Watcher) -> Result<String> {
    let agent = agent(url)?;
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(part)
        .map_err(|error| unwritten(part, &error))?;
    let mut download = Download {
        url,
        part,
        known: known_of(part, url),
        begin: Instant::now(),
        before: 0,
        total: None,
    };
    if download.known.validator.is_none() {
        // Nothing says that it is the beginning of the same file.
        file.set_len(0).map_err(|error| unwritten(part, &error))?;
    }
    download.before = size_of(&file, part)?;
    let mut fruitless = 0;
    loop {
        let start = size_of(&file, part)?;
        match download.attempt(&agent, &mut file, start, watcher) {
            Ok(()) => break,
            Err(Attempt::Fails(error)) => return Err(error),
            Err(Attempt::Ends(why)) => {
                let now = size_of(&file, part)?;
                fruitless = if now > start { 0 } else { fruitless + 1 };
                if fruitless == ATTEMPTS {
                    return Err(NeuralError::Fetch {
                        url: url.to_owned(),
                        why,
                    });
                }
                watcher.remark(&format!(
                    "the connection ended ({why}): going on at {now} bytes"
                ));
                wait(Duration::from_millis(250 << fruitless), watcher)?;
            }
        }
    }
    file.sync_all().map_err(|error| unwritten(part, &error))?;
    let hash = hash_of(&mut file).map_err(|error| unwritten(part, &error))?;
    let _ = std::fs::remove_file(known_path(part));
    Ok(hash)
}

/// The small text at `url`; `None` where the server has none.
///
/// # Errors
/// `Url`, `Fetch`.
pub(super) fn fetch_text(url: &str) -> Result<Option<String>> {
    const MOST: u64 = 64 << 10;
    let failed = |why: String| NeuralError::Fetch {
        url: url.to_owned(),
        why,
    };
    let response = agent(url)?
        .get(url)
        .call()
        .map_err(|error| failed(error.to_string()))?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN => return Ok(None),
        status => return Err(failed(format!("the server answers {status}"))),
    }
    let mut body = response.into_body();
    let text = body.with_config().limit(MOST).read_to_string();
    text.map(Some).map_err(|error| failed(error.to_string()))
}

/// How an attempt ends before the file is whole.
enum Attempt {
    /// Another attempt may go on.
    Ends(String),
    Fails(NeuralError),
}

impl From<NeuralError> for Attempt {
    fn from(error: NeuralError) -> Self {
        Self::Fails(error)
    }
}

struct Download<'a> {
    url: &'a str,
    part: &'a Path,
    known: Known,
    begin: Instant,
    /// Bytes of earlier runs.
    before: u64,
    total: Option<u64>,
}

impl Download<'_> {
    fn failed(&self, why: String) -> NeuralError {
        NeuralError::Fetch {
            url: self.url.to_owned(),
            why,
        }
    }

    /// Sends one request, from byte `start` on, and takes what comes.
    fn attempt(
        &mut self,
        agent: &Agent,
        file: &mut File,
        start: u64,
        watcher: &mut dyn Watcher,
    ) -> std::result::Result<(), Attempt> {
        let mut request = agent.get(self.url);
        if let (Some(validator), true) = (&self.known.validator, start > 0) {
            request = request
                .header("Range", format!("bytes={start}-"))
                .header("If-Range", validator);
        }
        let response = request.call().map_err(|error| match error {
            ureq::Error::RequireHttpsOnly(_) | ureq::Error::TooManyRedirects => {
                Attempt::Fails(self.failed(error.to_string()))
            }
            error => Attempt::Ends(error.to_string()),
        })?;
        let status = response.status();
        let headers = response.headers();
        let at = match status {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT => match content_range(headers) {
                Some((from, total)) if from == start => {
                    self.total = total;
                    start
                }
                _ => {
                    return Err(Attempt::Fails(
                        self.failed("it sends another part than was asked for".to_owned()),
                    ));
                }
            },
            // There is nothing after the last byte: the file is whole, or another one.
            StatusCode::RANGE_NOT_SATISFIABLE if start > 0 => {
                if content_range(headers).is_some_and(|(_, total)| total == Some(start)) {
                    return Ok(());
                }
                self.known.validator = None;
                let cut = file.set_len(0);
                cut.map_err(|error| unwritten(self.part, &error))?;
                return Err(Attempt::Ends("the file has changed".to_owned()));
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return Err(Attempt::Ends(format!("the server answers {status}")));
            }
            status => {
                return Err(Attempt::Fails(
                    self.failed(format!("the server answers {status}")),
                ));
            }
        };
        if at == 0 {
            self.total = length(headers);
            self.known.validator = validator(headers);
            self.keep_known()?;
            if start > 0 {
                self.before = 0;
                watcher.remark("the server sends the file from its beginning");
            }
        }
        let io = |error: io::Error| Attempt::Fails(unwritten(self.part, &error));
        file.set_len(at).map_err(io)?;
        file.seek(SeekFrom::Start(at)).map_err(io)?;
        let more = self.total.map(|total| total.saturating_sub(at));
        room(self.part, more.unwrap_or(0))?;
        self.take(response.into_body(), file, at, watcher)
    }

    fn take(
        &self,
        body: ureq::Body,
        file: &mut File,
        mut at: u64,
        watcher: &mut dyn Watcher,
    ) -> std::result::Result<(), Attempt> {
        let mut reader = body.into_with_config().limit(u64::MAX).reader();
        let mut buffer = vec![0; 64 << 10];
        let mut shown: Option<Instant> = None;
        let mut looked = at;
        loop {
            if watcher.stop() {
                return Err(Attempt::Fails(NeuralError::Stopped {
                    part: self.part.to_owned(),
                }));
            }
            let read = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Attempt::Ends(error.to_string())),
            };
            let written = file.write_all(&buffer[..read]);
            written.map_err(|error| Attempt::Fails(unwritten(self.part, &error)))?;
            at += read as u64;
            if self.total.is_none() && at - looked > LOOK {
                looked = at;
                room(self.part, LOOK)?;
            }
            if shown.is_none_or(|shown| shown.elapsed() > Duration::from_millis(100)) {
                shown = Some(Instant::now());
                watcher.progress(&self.progress(at));
            }
        }
        watcher.progress(&self.progress(at));
        match self.total {
            Some(total) if at < total => Err(Attempt::Ends(format!(
                "{} of {total} bytes are missing",
                total - at
            ))),
            Some(total) if at > total => Err(Attempt::Fails(
                self.failed(format!("it sends more than the {total} bytes it has told")),
            )),
            _ => Ok(()),
        }
    }

    fn progress(&self, done: u64) -> Progress {
        let seconds = self.begin.elapsed().as_secs_f64();
        let rate = done.saturating_sub(self.before) as f64 / seconds.max(1e-3);
        let left = self
            .total
            .map(|total| total.saturating_sub(done) as f64 / rate.max(1e-3));
        Progress {
            done,
            total: self.total,
            rate,
            left: left.filter(|_| rate > 0.0),
        }
    }

    fn keep_known(&self) -> Result<()> {
        let path = known_path(self.part);
        let known = Known {
            url: self.url.to_owned(),
            validator: self.known.validator.clone(),
        };
        let text = serde_json::to_string(&known).unwrap_or_default();
        std::fs::write(&path, text).map_err(|error| unwritten(&path, &error))
    }
}

fn known_path(part: &Path) -> PathBuf {
    part.with_extension("json")
}

/// What is known of an unfinished file, where it comes from `url`.
fn known_of(part: &Path, url: &str) -> Known {
    let text = std::fs::read_to_string(known_path(part)).unwrap_or_default();
    let known: Known = serde_json::from_str(&text).unwrap_or_default();
    if known.url == url {
        known
    } else {
        Known::default()
    }
}

fn unwritten(path: &Path, error: &io::Error) -> NeuralError {
    NeuralError::Write {
        path: path.to_owned(),
        why: error.to_string(),
    }
}

fn size_of(file: &File, part: &Path) -> Result<u64> {
    let facts = file.metadata().map_err(|error| unwritten(part, &error))?;
    Ok(facts.len())
}

fn hash_of(file: &mut File) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

/// Whether `more` bytes fit beside `part`, and some are left.
fn room(part: &Path, more: u64) -> Result<()> {
    let folder = part.parent().unwrap_or(Path::new("."));
    match fs4::available_space(folder) {
        Ok(free) if free < more.saturating_add(SPARE) => Err(NeuralError::NoRoom {
            folder: folder.to_owned(),
            free,
            need: more.saturating_add(SPARE),
        }),
        // A system that does not say it tells when the disk is full.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn wait(time: Duration, watcher: &dyn Watcher) -> Result<()> {
    let end = Instant::now() + time;
    while Instant::now() < end && !watcher.stop() {
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn length(headers: &HeaderMap) -> Option<u64> {
    text(headers, "content-length")?.trim().parse().ok()
}

/// What names this very content of the file: a strong ETag, else the time of its last change.
fn validator(headers: &HeaderMap) -> Option<String> {
    let strong = text(headers, "etag").filter(|tag| tag.starts_with('"'));
    strong
        .or_else(|| text(headers, "last-modified"))
        .map(str::to_owned)
}

/// First byte and length of the whole of `bytes 5-9/10`; of `bytes */10` the first byte is 0.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let range = text(headers, "content-range")?.strip_prefix("bytes ")?;
    let (part, total) = range.split_once('/')?;
    let from = match part {
        "*" => 0,
        part => part.split_once('-')?.0.trim().parse().ok()?,
    };
    Some((from, total.trim().parse().ok()))
}

/// Whether a URL is one of this machine, for which HTTP will do.
fn is_loopback(uri: &Uri) -> bool {
    matches!(uri.host(), Some("127.0.0.1" | "localhost"))
}

/// A client for `url`: HTTPS, also after redirections; plain HTTP only with this machine itself, without redirections.
fn agent(url: &str) -> Result<Agent> {
    let refused = |why: &str| NeuralError::Url {
        url: url.to_owned(),
        why: why.to_owned(),
    };
    let uri: Uri = url.parse().map_err(|_| refused("it is no URL"))?;
    let local = match uri.scheme_str() {
        Some("https") => false,
        Some("http") if is_loopback(&uri) => true,
        Some("http") => {
            return Err(refused("models are fetched over HTTPS only"));
        }
        _ => return Err(refused("it does not begin with https://")),
    };
    let mut config = Agent::config_builder()
        .https_only(!local)
        .http_status_as_error(false)
        .user_agent(concat!("aquatint/", env!("CARGO_PKG_VERSION")))
        .timeout_resolve(Some(SILENCE))
        .timeout_connect(Some(SILENCE))
        .timeout_recv_response(Some(SILENCE))
        .timeout_per_read(Some(SILENCE));
    if local {
        config = config.max_redirects(0).proxy(None);
    } else if let Some(roots) = own_roots()? {
        config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    Ok(config.build().into())
}

/// The certificates in the file that `SSL_CERT_FILE` names, in place of the usual ones: companies have their own.
fn own_roots() -> Result<Option<RootCerts>> {
    let Some(path) = variable("SSL_CERT_FILE") else {
        return Ok(None);
    };
    let unread = |why: String| NeuralError::Read {
        path: path.clone(),
        why,
    };
    let text = std::fs::read(&path).map_err(|error| unread(error.to_string()))?;
    let items = ureq::tls::parse_pem(&text);
    let certificates: Vec<_> = items
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(unread("it has no certificate".to_owned()));
    }
    Ok(Some(RootCerts::from(certificates)))
}
