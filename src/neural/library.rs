//! The library of ONNX Runtime: found, loaded once for the whole process, and what it can do.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ort::environment::Environment;
use ort::logging::LogLevel;

use super::engine::EngineKind;
use super::error::{NeuralError, Result};
use super::find::{candidates, nvidia_folders, packages_without_library, version_of};

/// The oldest version that can be used.
pub const OLDEST: &str = "1.17";

/// ONNX Runtime, loaded.
pub struct Library {
    pub path: PathBuf,
    pub version: String,
    /// Where it was found, in words.
    pub place: String,
    /// The names of its execution providers: `CUDAExecutionProvider` and so on.
    pub providers: Vec<String>,
    /// Libraries that were found before it and cannot be used, and why.
    pub refused: Vec<String>,
    /// There may be one in a process, which lives as long as that.
    pub(super) environment: Environment,
}

/// Why there is no library. It can be told several times.
#[derive(Clone)]
enum Refusal {
    Missing,
    TooOld(PathBuf, String),
    Unusable(PathBuf, String),
}

impl From<Refusal> for NeuralError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Missing => Self::LibraryMissing,
            Refusal::TooOld(path, version) => Self::LibraryTooOld { path, version },
            Refusal::Unusable(path, why) => Self::LibraryUnusable { path, why },
        }
    }
}

/// The library of this machine. The first call searches for it and loads it.
///
/// # Errors
/// `LibraryMissing` where there is none, else why the first that was found cannot be used.
pub fn library() -> Result<&'static Library> {
    static LIBRARY: OnceLock<std::result::Result<Library, Refusal>> = OnceLock::new();
    let loaded = LIBRARY.get_or_init(load);
    loaded.as_ref().map_err(|refusal| refusal.clone().into())
}

fn load() -> std::result::Result<Library, Refusal> {
    let mut refused = Vec::new();
    let mut first = None;
    for candidate in candidates() {
        let builder = match ort::init_from(&candidate.path) {
            Ok(builder) => builder,
            Err(error) => {
                let refusal = refusal(candidate.path, &error);
                refused.push(NeuralError::from(refusal.clone()).to_string());
                first.get_or_insert(refusal);
                continue;
            }
        };
        // From here on this one is loaded: another one cannot be.
        let unusable = |why: String| Refusal::Unusable(candidate.path.clone(), why);
        let environment = builder
            .with_name("aquatint")
            .with_telemetry(false)
            .with_logger(Arc::new(log))
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        environment.set_log_level(LogLevel::Warning);
        return Ok(Library {
            providers: providers().map_err(|error| unusable(error.to_string()))?,
            version: version(&candidate.path),
            path: candidate.path,
            place: candidate.place,
            refused,
            environment,
        });
    }
    Err(first.unwrap_or_else(|| {
        let old = packages_without_library().into_iter().next();
        old.map_or(Refusal::Missing, |(path, version)| {
            Refusal::TooOld(path, version)
        })
    }))
}

fn refusal(path: PathBuf, error: &ort::LoadDynamicError) -> Refusal {
    match error {
        ort::LoadDynamicError::BadVersion { version_str, .. } => {
            Refusal::TooOld(path, version_str.clone())
        }
        ort::LoadDynamicError::Dlopen { error, .. } => {
            let cause = std::error::Error::source(error);
            let why = cause.map_or_else(|| error.to_string(), ToString::to_string);
            Refusal::Unusable(path, why)
        }
        ort::LoadDynamicError::MissingApi { .. } => {
            Refusal::Unusable(path, "it is not ONNX Runtime".to_owned())
        }
        ort::LoadDynamicError::InvalidVersionString => {
            Refusal::Unusable(path, "it does not say its version".to_owned())
        }
    }
}

/// Its messages belong into the log.
fn log(level: LogLevel, category: &str, _id: &str, place: &str, message: &str) {
    match level {
        LogLevel::Fatal | LogLevel::Error => {
            tracing::debug!(target: "onnxruntime", category, place, "error: {message}");
        }
        LogLevel::Warning => tracing::debug!(target: "onnxruntime", category, place, "{message}"),
        LogLevel::Info | LogLevel::Verbose => {
            tracing::trace!(target: "onnxruntime", category, place, "{message}");
        }
    }
}

/// "1.31.1", or "1.31" where only the library itself tells.
fn version(path: &Path) -> String {
    version_of(path).unwrap_or_else(|| match ort::util::probe(path) {
        Some(minor) => format!("1.{minor}"),
        None => "of an unknown version".to_owned(),
    })
}

fn providers() -> ort::Result<Vec<String>> {
    let mut names = std::ptr::null_mut();
    let mut count = 0;
    // SAFETY: both pointers are written by the call, and the names are freed by the call made for that.
    unsafe {
        let api = ort::api();
        ort::Error::result_from_status((api.GetAvailableProviders)(&mut names, &mut count))?;
        let found = (0..usize::try_from(count).unwrap_or(0))
            .map(|at| {
                let name = std::ffi::CStr::from_ptr(*names.add(at));
                name.to_string_lossy().into_owned()
            })
            .collect();
        ort::Error::result_from_status((api.ReleaseAvailableProviders)(names, count))?;
        Ok(found)
    }
}

impl Library {
    /// The name of the provider of `kind`, where this library was built with it.
    pub fn provider(&self, kind: EngineKind) -> Option<&str> {
        let names: &[&str] = match kind {
            EngineKind::TensorRt => &["TensorrtExecutionProvider"],
            EngineKind::Cuda => &["CUDAExecutionProvider"],
            EngineKind::CoreMl => &["CoreMLExecutionProvider"],
            EngineKind::DirectMl => &["DmlExecutionProvider"],
            EngineKind::OpenVino => &["OpenVINOExecutionProvider"],
            EngineKind::Rocm => &["ROCMExecutionProvider", "MIGraphXExecutionProvider"],
            EngineKind::OrtCpu => &["CPUExecutionProvider"],
            EngineKind::Rten => &[],
        };
        let mut providers = self.providers.iter().map(String::as_str);
        providers.find(|provider| names.contains(provider))
    }

    /// Loads NVIDIA's libraries that pip has installed beside this one: its provider does not look there. Once.
    pub(super) fn load_nvidia(&self) {
        static ONCE: OnceLock<()> = OnceLock::new();
        ONCE.get_or_init(|| {
            let files = nvidia_libraries(&self.path);
            for file in files {
                // What cannot be loaded is told by the provider that needs it.
                if let Err(error) = ort::util::preload_dylib(&file) {
                    tracing::debug!("{}: {error}", file.display());
                }
            }
        });
    }
}

/// NVIDIA's libraries beside `library`, each after those that it needs.
fn nvidia_libraries(library: &Path) -> Vec<PathBuf> {
    const ORDER: [&str; 14] = [
        "cudart",
        "nvrtc",
        "nvJitLink",
        "cublasLt",
        "cublas",
        "curand",
        "cufft",
        "cudnn_graph",
        "cudnn_ops",
        "cudnn_cnn",
        "cudnn_adv",
        "cudnn",
        "nvinfer",
        "nvonnxparser",
    ];
    let mut files = Vec::new();
    let folders = nvidia_folders(library);
    for part in ORDER {
        for folder in &folders {
            let inside = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let mut found: Vec<PathBuf> = inside
                .map(|entry| entry.path())
                .filter(|path| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    name.starts_with(&format!("lib{part}.so."))
                        || (name.starts_with(&format!("{part}64_")) && name.ends_with(".dll"))
                })
                .collect();
            found.sort();
            files.extend(found);
        }
    }
    files
}
