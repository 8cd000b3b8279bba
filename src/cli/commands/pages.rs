//! `aquatint completions` and `aquatint man`: pages made from the flags.

use clap::CommandFactory;

use super::super::args::{Cli, Completions, Man};
use super::super::problem::{IO, Problem, USAGE};
use super::print;
use crate::nearest::{did_you_mean, nearest};

const NAME: &str = "aquatint";

/// Prints a completion script.
pub fn completions(args: &Completions) -> Result<u8, Problem> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), NAME, &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(0)
}

/// Prints a manual page in the format of `man`.
pub fn man(args: &Man) -> Result<u8, Problem> {
    let mut whole = Cli::command();
    whole.build();
    let command = match &args.command {
        None => whole,
        Some(name) => {
            let visible = || whole.get_subcommands().filter(|known| !known.is_hide_set());
            let found = visible().find(|known| known.get_name() == name);
            let command = found.ok_or_else(|| {
                let names: Vec<&str> = visible().map(clap::Command::get_name).collect();
                let near = did_you_mean(nearest(name, names.iter().copied()));
                Problem::new(
                    USAGE,
                    format!("there is no command {name:?}{near}"),
                    format!("commands: {}", names.join(", ")),
                )
            })?;
            command.clone()
        }
    };
    let mut page = Vec::new();
    let made = clap_mangen::Man::new(command).render(&mut page);
    made.map_err(|error| Problem::new(IO, format!("the page cannot be written: {error}"), ""))?;
    print(&String::from_utf8_lossy(&page))?;
    Ok(0)
}
