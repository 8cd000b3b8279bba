//! `aquatint rate`, `prefer` and `ratings`: what a person thinks of outputs.

use std::fmt::Write as _;
use std::path::Path;

use super::super::args::{Prefer, Rate, Ratings as Args};
use super::super::console::Console;
use super::super::problem::{CANNOT_CREATE, Problem, USAGE};
use super::super::signals::Signals;
use super::measure::Out;
use super::{print, print_json};
use crate::measure::opinions::{now, output_of, rated, ratings_file};
use crate::measure::ratings::{Ratings, RatingsError};

impl From<RatingsError> for Problem {
    fn from(error: RatingsError) -> Self {
        Self::new(CANNOT_CREATE, error.to_string(), error.advice())
    }
}

fn open() -> Result<Ratings, Problem> {
    let path = ratings_file().ok_or_else(|| {
        Problem::new(
            CANNOT_CREATE,
            "there is no folder for ratings: the variable HOME is not set",
            "set HOME, or XDG_DATA_HOME",
        )
    })?;
    Ok(Ratings::open(&path)?)
}

/// Adds the output at `path`, and returns its number.
fn added(ratings: &Ratings, path: &Path, signals: &Signals) -> Result<i64, Problem> {
    let output = output_of(path, now(), &signals.cancel());
    let output = output.map_err(|error| signals.problem_of(&error))?;
    Ok(ratings.add_output(&output)?)
}

pub fn rate(args: &Rate, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let ratings = open()?;
    let output = added(&ratings, &args.output, signals)?;
    let note = args.opinion.note.as_deref();
    ratings.rate(output, args.stars, note, &args.opinion.rater, now())?;
    let count = ratings.latest_ratings()?.len();
    console.remark(&format!(
        "{}: {} of 5 stars; {count} ratings in all, in {}",
        args.output.display(),
        args.stars,
        ratings.path().display()
    ));
    Ok(0)
}

pub fn prefer(args: &Prefer, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let ratings = open()?;
    let winner = added(&ratings, &args.better, signals)?;
    let loser = added(&ratings, &args.other, signals)?;
    if winner == loser {
        return Err(Problem::new(
            USAGE,
            format!(
                "{} and {} have the same bytes",
                args.better.display(),
                args.other.display()
            ),
            "name two outputs that differ",
        ));
    }
    let note = args.opinion.note.as_deref();
    ratings.prefer(winner, loser, args.tie, note, &args.opinion.rater, now())?;
    let words = if args.tie {
        "as good as"
    } else {
        "better than"
    };
    console.remark(&format!(
        "{} is {words} {}",
        args.better.display(),
        args.other.display()
    ));
    Ok(0)
}

pub fn list(args: &Args) -> Result<u8, Problem> {
    let ratings = open()?;
    if let Some(path) = &args.export {
        let mut lines = Vec::new();
        ratings.export(&mut lines)?;
        let path = Some(path.as_path()).filter(|path| *path != Path::new("-"));
        Out::of(path, &[ratings.path()], args.overwrite)?.all(lines)?;
        return Ok(0);
    }
    let rows = rated(&ratings)?;
    if args.json {
        print_json(&rows)?;
        return Ok(0);
    }
    let mut text = match rows.is_empty() {
        true => String::new(),
        false => "stars   strength  style             file\n".to_owned(),
    };
    for row in &rows {
        let stars = row
            .stars
            .map_or("  -  ".to_owned(), |stars| format!("{stars:.1} *"));
        let style = row.style.as_deref().unwrap_or("-");
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{stars:>6}  {:>+8.0}  {style:16}  {}",
            row.elo, row.name
        );
    }
    match rows.is_empty() {
        true => text.push_str("nothing is rated yet: aquatint rate OUTPUT STARS\n"),
        false => {
            let _ = writeln!(
                text,
                "strength: by comparisons and by stars for outputs of one source (Bradley and Terry), as Elo points around 0; {}",
                ratings.path().display()
            );
        }
    }
    print(&text)?;
    Ok(0)
}
