//! `aquatint help`: topics, and the help of commands.

use std::fmt::Write as _;

use clap::CommandFactory;

use super::super::args::{Cli, Help};
use super::super::problem::{Problem, USAGE};
use super::print;
use crate::nearest::{did_you_mean, nearest};
use crate::topics::Topic;

/// Lines that are shown of a topic that was found.
const SHOWN: usize = 3;

pub fn run(args: &Help) -> Result<u8, Problem> {
    match (&args.topic, args.search.is_empty()) {
        (Some(topic), _) => show(topic),
        (None, true) => list(),
        (None, false) => search(&args.search),
    }
}

fn list() -> Result<u8, Problem> {
    let all = Topic::all();
    let width = all.iter().map(|topic| topic.name.len()).max().unwrap_or(0);
    let mut text = String::from(
        "aquatint help TOPIC shows a topic, aquatint help COMMAND the flags of a command:\n\n",
    );
    for topic in &all {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {:width$}  {}", topic.name, topic.about());
    }
    text.push_str(
        "\naquatint help --search WORD finds topics; aquatint --help lists the commands\n",
    );
    print(&text).map(|()| 0)
}

fn show(name: &str) -> Result<u8, Problem> {
    let name = name.to_lowercase().replace([' ', '_'], "-");
    if let Some(topic) = Topic::named(&name) {
        return print(topic.text).map(|()| 0);
    }
    let mut whole = Cli::command();
    whole.build();
    let visible = || whole.get_subcommands().filter(|known| !known.is_hide_set());
    if let Some(command) = visible().find(|known| known.get_name() == name) {
        let text = command.clone().render_long_help().to_string();
        return print(&text).map(|()| 0);
    }
    let topics = Topic::all();
    let names: Vec<&str> = topics.iter().map(|topic| topic.name).collect();
    let known = names
        .iter()
        .copied()
        .chain(visible().map(clap::Command::get_name));
    let near = did_you_mean(nearest(&name, known));
    Err(Problem::new(
        USAGE,
        format!("there is no topic {name:?}{near}"),
        format!(
            "topics: {}; aquatint help --search {name} looks into them",
            names.join(", ")
        ),
    ))
}

fn search(words: &[String]) -> Result<u8, Problem> {
    let words: Vec<String> = words
        .iter()
        .flat_map(|words| words.split_whitespace())
        .map(str::to_lowercase)
        .collect();
    let mut text = String::new();
    for topic in Topic::all() {
        let lines = topic.lines_with(&words);
        if lines.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{}: {}", topic.name, topic.about());
        for line in lines.iter().take(SHOWN) {
            let _ = writeln!(text, "    {}", line.trim());
        }
    }
    if text.is_empty() {
        return Err(Problem::new(
            USAGE,
            format!("no topic has {}", words.join(" and ")),
            "try another word; aquatint help lists the topics",
        ));
    }
    print(&text).map(|()| 0)
}
