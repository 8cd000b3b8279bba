//! The flags of `aquatint models`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::neural::{EngineChoice, Range};

/// List the neural models, check one, add or remove one.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    before_help = "Examples:\n  aquatint models\n  aquatint models check style.onnx\n  aquatint models add https://example.com/style.onnx --sha256 4f0c…",
    after_help = "docs/models.md says how to bring a model of your own."
)]
pub struct Models {
    #[command(subcommand)]
    pub action: Option<ModelsAction>,
    /// Print the list as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum ModelsAction {
    /// Read a model, run it on each engine of this machine, print its contract, and show what it makes
    Check(ModelsCheck),
    /// Add a model from a file or a URL to those of this user
    Add(ModelsAdd),
    /// List the versions of a model that `aquatint train` made
    Versions {
        #[arg(value_name = "NAME")]
        name: String,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a version into use, of a model that `aquatint train` made; also one that was rejected
    Promote {
        #[arg(value_name = "NAME")]
        name: String,
        /// As `models versions` names it
        #[arg(value_name = "VERSION")]
        version: String,
    },
    /// Take the version before into use again, of a model that `aquatint train` made
    Rollback {
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Remove a model that was added
    Remove {
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// Read a model, run it on each engine of this machine, print its contract, and show what it makes.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint models check style.onnx\n  aquatint models check style.onnx --range byte --picture face.jpg -o check.png\n  aquatint models check style.onnx --contract > style.toml",
    after_help = "It is timed on a grey picture of 256 x 256, or of the size that it takes. The picture of what it makes has the source on the left and the result on the right. The contract is printed as it would be written into NAME.toml beside the model: change what is wrong, and save it there."
)]
pub struct ModelsCheck {
    /// A .onnx file, or the name of a model
    #[arg(value_name = "MODEL")]
    pub model: String,
    /// Only this engine: tensorrt, cuda, coreml, directml, openvino, rocm, ort-cpu or rten
    #[arg(long, value_name = "ENGINE", default_value = "auto")]
    pub engine: EngineChoice,
    /// The numbers that it works with, in place of what its contract says: unit, byte or signed
    #[arg(long, value_name = "RANGE")]
    pub range: Option<Range>,
    /// Print the contract alone
    #[arg(long)]
    pub contract: bool,
    /// A picture to show the model on; without it, a generated scene
    #[arg(long, value_name = "FILE")]
    pub picture: Option<PathBuf>,
    /// Where the picture before and after the model goes, as PNG; without it, into aquatint's cache folder
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace that file if it exists
    #[arg(short = 'y', long, requires = "output")]
    pub overwrite: bool,
}

/// Add a model from a file or a URL to those of this user.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint models add style.onnx --name mystyle\n  aquatint models add https://example.com/style.onnx --sha256 4f0c…",
    after_help = "A contract (NAME.toml) that lies beside the model is taken, too. A download that was interrupted goes on where it ended. The model is checked before it gets its name; nothing is overwritten without --force."
)]
pub struct ModelsAdd {
    /// A .onnx file, or a URL that begins with https://
    #[arg(value_name = "FILE|URL")]
    pub source: String,
    /// The name it gets; without it, that of the file
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The SHA-256 that the file must have
    #[arg(long, value_name = "DIGITS", value_parser = sha256)]
    pub sha256: Option<String>,
    /// Do not ask: you have read the licence
    #[arg(short = 'y', long)]
    pub yes: bool,
    /// Replace an added model of this name
    #[arg(long)]
    pub force: bool,
}

fn sha256(text: &str) -> Result<String, String> {
    if text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("give 64 hexadecimal digits".to_owned())
    }
}
