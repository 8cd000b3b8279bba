//! Short clips that browsers play, kept by what they show.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::render::request::{OutputSize, RenderRequest, SettingValue, Time};
use crate::render::{Cancel, Event, Job, OutputLocation, RenderError, Result, file_facts};

/// The most bytes of all clips that are kept.
const MOST_BYTES: u64 = 2 << 30;

/// What the name of a clip ends in while it is made.
const UNFINISHED: &str = ".new.mp4";

/// What a clip shows.
#[derive(Clone, Debug)]
pub struct ClipAsk {
    pub input: PathBuf,
    pub request: RenderRequest,
    /// Seconds after the start of the input.
    pub start: f64,
    /// Seconds.
    pub duration: f64,
    /// The most lines of its pictures.
    pub lines: Option<u32>,
}

/// The clips that are kept, as files whose names are their keys.
#[derive(Debug)]
pub struct Clips {
    folder: PathBuf,
}

impl Clips {
    /// Those in `folder`, which is created where it is not there.
    ///
    /// # Errors
    /// Where it cannot be created.
    pub fn new(folder: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        // What an earlier process was making.
        for entry in std::fs::read_dir(&folder)?.flatten() {
            if entry.file_name().to_string_lossy().ends_with(UNFINISHED) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Ok(Self { folder })
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of the clip with this key, if it is there.
    pub fn file(&self, key: &str) -> Option<PathBuf> {
        let is_key = key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        let file = self.place(key);
        (is_key && file.is_file()).then_some(file)
    }

    fn place(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.mp4"))
    }

    /// Renders a clip and keeps it under `key`.
    ///
    /// # Errors
    /// Those of the request and of rendering.
    pub fn make(
        &self,
        key: &str,
        ask: &ClipAsk,
        listen: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<()> {
        let request = ask.as_browsers_play_it()?;
        let library = request.library()?;
        let mut settings = request.settings(&library)?;
        settings.job.chunk = None;
        let new = self.folder.join(format!("{key}{UNFINISHED}"));
        let output = OutputLocation {
            out: Some(new.clone()),
            ..OutputLocation::default()
        };
        let job = Job::prepare(&library, &settings, &ask.input, &output)?;
        job.run(listen, cancel)?;
        std::fs::rename(&new, self.place(key)).map_err(|error| RenderError::CannotCreate {
            path: new,
            why: error.to_string(),
        })?;
        self.keep_within(MOST_BYTES);
        Ok(())
    }

    /// Removes those that were made longest ago, until the others have at most this many bytes.
    fn keep_within(&self, most: u64) {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten();
        let mut clips: Vec<(SystemTime, u64, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| {
                let facts = entry.metadata().ok()?;
                Some((facts.modified().ok()?, facts.len(), entry.path()))
            })
            .collect();
        clips.sort();
        let mut bytes: u64 = clips.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, own, path) in &clips {
            if bytes <= most {
                break;
            }
            if std::fs::remove_file(path).is_ok() {
                bytes -= own;
            }
        }
    }
}

impl ClipAsk {
    /// Tells clips from each other that show something else.
    ///
    /// # Errors
    /// Where the input cannot be read.
    pub fn key(&self) -> Result<String> {
        let facts = std::fs::metadata(&self.input).map_err(|error| RenderError::CannotCreate {
            path: self.input.clone(),
            why: error.to_string(),
        })?;
        let request = self.as_browsers_play_it()?;
        let library = request.library()?;
        let mut digest = Sha256::new();
        let mut add = |part: &[u8]| {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        };
        add(env!("CARGO_PKG_VERSION").as_bytes());
        add(self.input.as_os_str().as_encoded_bytes());
        add(&facts.len().to_le_bytes());
        add(format!("{:?}", facts.modified().ok()).as_bytes());
        add(request.command(Path::new("")).as_bytes());
        // Files that it reads, and a style of the user's, may have changed.
        for file in request.named_files(&library) {
            let facts = std::fs::metadata(&file).ok();
            let facts = facts.map(|facts| (facts.len(), facts.modified().ok()));
            add(format!("{facts:?}").as_bytes());
        }
        for style in request.style.iter().flat_map(|list| list.split(['+', ','])) {
            if let Some(folder) = library.folder_of(style.trim()) {
                add(format!("{:?}", newest_in(&folder)).as_bytes());
            }
        }
        let digest = digest.finalize();
        Ok(digest[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect())
    }

    /// The request for what browsers play, at most as large as is shown.
    fn as_browsers_play_it(&self) -> Result<RenderRequest> {
        let text = |seconds: f64| Time::parse(&format!("{:.3}", seconds.max(0.0)));
        let mut request = RenderRequest {
            start: text(self.start),
            duration: text(self.duration),
            encoder_preset: Some("veryfast".to_owned()),
            ..self.request.for_browsers(&self.request.library()?)?
        };
        if let (Some(lines), None, None) = (self.lines, request.size, request.scale)
            && file_facts(&self.input)?.video.height > lines
        {
            request.size = OutputSize::parse(&format!("x{lines}"));
        }
        Ok(request)
    }
}

/// When a file of a style's folder was last changed.
fn newest_in(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let times = entries.filter_map(|entry| {
        let facts = entry.metadata().ok()?;
        match facts.is_dir() {
            true => newest_in(&entry.path()),
            false => facts.modified().ok(),
        }
    });
    times.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_are_told_apart_and_the_oldest_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("a.mp4");
        std::fs::write(&input, "x").unwrap();
        let ask = |style: &str, start: f64| {
            let ask = ClipAsk {
                input: input.clone(),
                request: RenderRequest {
                    style: Some(style.to_owned()),
                    ..RenderRequest::default()
                },
                start,
                duration: 1.0,
                lines: None,
            };
            ask.key().unwrap()
        };
        let keys = [ask("pencil", 0.0), ask("pencil", 1.0), ask("oil", 0.0)];
        assert_eq!(keys[0], ask("pencil", 0.0));
        assert!(keys[0] != keys[1] && keys[0] != keys[2]);
        let clips = Clips::new(folder.path().join("clips")).unwrap();
        for (age, key) in keys.iter().enumerate() {
            let path = clips.place(key);
            std::fs::write(&path, [0; 10]).unwrap();
            let at = SystemTime::now() - std::time::Duration::from_secs(100 - age as u64);
            let file = std::fs::File::options().append(true).open(path).unwrap();
            file.set_modified(at).unwrap();
        }
        clips.keep_within(20);
        let there: Vec<bool> = keys.iter().map(|key| clips.file(key).is_some()).collect();
        assert_eq!(there, [false, true, true]);
        assert_eq!(clips.file("../../etc/passwd"), None);
    }
}
