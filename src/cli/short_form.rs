//! `aquatint clip.mp4` for `aquatint render clip.mp4`.

use std::ffi::OsString;
use std::path::Path;

use clap::CommandFactory;

use super::args::Cli;
use crate::nearest::nearest;

/// FFmpeg's flags that many users know, and ours.
const FFMPEG_FLAGS: [(&str, &str); 3] = [("-ss", "--start"), ("-t", "--duration"), ("-to", "--to")];

/// The arguments, with `render` before them where the first word is no command, and with our flags for `-ss`, `-t` and
/// `-to`.
pub fn rewritten(mut arguments: Vec<OsString>) -> Vec<OsString> {
    for argument in arguments
        .iter_mut()
        .skip(1)
        .take_while(|word| *word != "--")
    {
        if let Some((_, ours)) = FFMPEG_FLAGS.iter().find(|(theirs, _)| argument == theirs) {
            *argument = ours.into();
        }
    }
    let Some(first) = first_word(&arguments) else {
        return arguments;
    };
    let word = arguments[first].to_string_lossy().into_owned();
    let is_command = Cli::command()
        .get_subcommands()
        .any(|command| command.get_name() == word);
    if !is_command && !["-h", "--help", "-V", "--version"].contains(&word.as_str()) {
        arguments.insert(1, "render".into());
    }
    arguments
}

/// The command with a name similar to `input`, where there is no such file: probably a typing error.
pub fn command_meant(input: &Path) -> Option<String> {
    let word = input
        .to_str()
        .filter(|word| !word.contains(['.', '/', '\\', '%']))?;
    if input.symlink_metadata().is_ok() {
        return None;
    }
    let command = Cli::command();
    let visible = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    nearest(word, visible.map(clap::Command::get_name)).map(str::to_owned)
}

/// Index of the first argument after the flags about messages, which may come before a command.
fn first_word(arguments: &[OsString]) -> Option<usize> {
    let mut index = 1;
    while let Some(argument) = arguments.get(index) {
        let text = argument.to_string_lossy();
        let repeated = |short: char| {
            text.len() > 1 && text.starts_with('-') && text[1..].chars().all(|c| c == short)
        };
        let alone = repeated('v')
            || repeated('q')
            || ["--verbose", "--quiet"].contains(&text.as_ref())
            || text.starts_with("--progress=")
            || text.starts_with("--log-level=");
        if ["--progress", "--log-level"].contains(&text.as_ref()) {
            index += 2;
        } else if alone {
            index += 1;
        } else {
            return Some(index);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    fn rewritten(words: &str) -> String {
        let arguments = words.split(' ').map(Into::into).collect();
        let words: Vec<String> = super::rewritten(arguments)
            .into_iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        words.join(" ")
    }

    #[test]
    fn commands_are_meant_by_words_like_them() {
        let meant = |word: &str| super::command_meant(word.as_ref());
        for (word, command) in [("rendr", "render"), ("porbe", "probe"), ("verfy", "verify")] {
            assert_eq!(meant(word).as_deref(), Some(command));
        }
        for word in ["holiday", "render.mp4", "src", "x"] {
            assert_eq!(meant(word), None, "{word}");
        }
    }

    #[test]
    fn only_inputs_are_rendered() {
        for (given, meant) in [
            ("aquatint clip.mp4 -y", "aquatint render clip.mp4 -y"),
            ("aquatint -y clip.mp4", "aquatint render -y clip.mp4"),
            (
                "aquatint -v --progress json clip.mp4",
                "aquatint render -v --progress json clip.mp4",
            ),
            ("aquatint -vv probe x", "aquatint -vv probe x"),
            (
                "aquatint --progress=json devices",
                "aquatint --progress=json devices",
            ),
            ("aquatint --help", "aquatint --help"),
            ("aquatint -s probe x", "aquatint render -s probe x"),
            (
                "aquatint clip.mp4 -ss 5 -t 2",
                "aquatint render clip.mp4 --start 5 --duration 2",
            ),
            (
                "aquatint render -to 2 -- -t",
                "aquatint render --to 2 -- -t",
            ),
            ("aquatint", "aquatint"),
        ] {
            assert_eq!(rewritten(given), meant);
        }
    }
}
