//! Where the numbers of `aquatint measure` go.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use tempfile::NamedTempFile;

use super::super::super::problem::{CANNOT_CREATE, IO, Problem, USAGE};
use crate::media::same_file;
use crate::render::RenderError;

/// Standard output, or a file that gets its name when it is complete.
pub enum Out<'a> {
    Stdout,
    File(NamedTempFile, &'a Path),
}

impl<'a> Out<'a> {
    /// The file at `path`, which is none of `inputs`; without one standard output.
    pub fn of(path: Option<&'a Path>, inputs: &[&Path], overwrite: bool) -> Result<Self, Problem> {
        match path {
            Some(path) => Self::file(path, inputs, overwrite),
            None => Ok(Self::Stdout),
        }
    }

    /// A file at `path`, which is none of `inputs`.
    pub fn file(path: &'a Path, inputs: &[&Path], overwrite: bool) -> Result<Self, Problem> {
        if inputs.iter().any(|input| same_file(input, path)) {
            return Err(RenderError::OutputIsInput { path: path.into() }.into());
        }
        if path.exists() && !overwrite {
            let what = RenderError::Exists { path: path.into() };
            return Err(Problem::new(
                USAGE,
                what.summary(),
                "use -y to replace it, or name another file with the flag for it",
            ));
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any new file: the process's mask takes away what it does.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder.unwrap_or(Path::new(".")));
        let file = file.map_err(|error| cannot_create(path, &error))?;
        Ok(Self::File(file, path))
    }

    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.bytes(text.as_bytes())
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(bytes)?;
                stdout.flush()
            }
            Self::File(file, _) => file.write_all(bytes),
        }
    }

    /// A line with a JSON object.
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.text(&(serde_json::to_string(value)? + "\n"))
    }

    /// Gives the file its name.
    pub fn finish(self) -> Result<(), Problem> {
        if let Self::File(file, path) = self {
            file.persist(path)
                .map_err(|error| cannot_create(path, &error.error))?;
        }
        Ok(())
    }

    /// Writes `text`, or other bytes, and is finished.
    pub fn all(mut self, text: impl AsRef<[u8]>) -> Result<(), Problem> {
        match self.bytes(text.as_ref()) {
            Ok(()) => self.finish(),
            Err(error) => self.failed(&error).map(|_| ()),
        }
    }

    /// The end where nothing more can be written. A reader that closes the pipe early is no failure.
    pub fn failed(&self, error: &io::Error) -> Result<u8, Problem> {
        let place = match self {
            Self::Stdout if error.kind() == io::ErrorKind::BrokenPipe => return Ok(0),
            Self::Stdout => "stdout".to_owned(),
            Self::File(_, path) => path.display().to_string(),
        };
        Err(Problem::new(
            IO,
            format!("cannot write to {place}: {error}"),
            "",
        ))
    }
}

fn cannot_create(path: &Path, error: &io::Error) -> Problem {
    Problem::new(
        CANNOT_CREATE,
        format!("cannot create {}: {error}", path.display()),
        "check that the folder exists and may be written to, or name another",
    )
}
