//! Flags of `aquatint help`.

use clap::Args;

/// Short texts about one topic each, and the help of commands.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint help\n  aquatint help gpu-memory\n  aquatint help --search subtitles\n  aquatint help render"
)]
pub struct Help {
    /// A topic, or a command. Without it, the topics are listed
    pub topic: Option<String>,
    /// Find the topics with these words; repeatable
    #[arg(long, value_name = "WORD", conflicts_with = "topic")]
    pub search: Vec<String>,
}
