//! `aquatint wizard`: four questions, a picture, a command.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin, stdout};
use std::path::{Path, PathBuf};

use clap::{CommandFactory, FromArgMatches};

use super::super::args::{Cli, Command, Wizard};
use super::super::console::Console;
use super::super::problem::{Problem, USAGE};
use super::super::signals::Signals;
use super::super::terminal_picture::Protocol;
use super::{print, render};
use crate::graph::style::Library;
use crate::measure::auto;
use crate::media::{SourceInfo, probe, read_image};
use crate::render::request::{RenderRequest, SettingValue, Time, TimeBudget};
use crate::render::{AUTO, Existing, Moment, OutputLocation, Preset, Preview, preset_names};

/// What was answered so far.
#[derive(Clone, Default)]
struct Answers {
    request: RenderRequest,
    /// The ending of the output, where it is not the usual one.
    ending: Option<&'static str>,
}

/// An answer: its words, and what it changes.
struct Choice {
    words: String,
    apply: Box<dyn Fn(&mut Answers)>,
}

fn choice(words: impl Into<String>, apply: impl Fn(&mut Answers) + 'static) -> Choice {
    Choice {
        words: words.into(),
        apply: Box::new(apply),
    }
}

pub fn run(args: &Wizard, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let info = probe(&args.input)?;
    let is_picture = info.is_image && info.sequence.is_none();
    let mut answers = Answers::default();
    let purpose = ask("What do you want?", &purposes(), None, &mut answers)?;
    let (question, choices) = match purpose {
        0 => ("Which look?", looks()?),
        1 => ("May small pictures become larger?", enlarging()),
        2 => ("Which size?", sizes()),
        _ => ("What becomes of the sound?", sounds()),
    };
    ask(question, &choices, None, &mut answers)?;
    if is_picture {
        say("It is one picture: time and kind of file are not asked for.");
    } else {
        ask(
            "How long may it take?",
            &times(),
            Some(("or a time: 30m, 2h", &as_budget)),
            &mut answers,
        )?;
        ask("Which kind of file?", &files(), None, &mut answers)?;
    }
    let Answers { request, ending } = answers;
    let output = ending.map(|ending| named(&args.input, &request, ending));
    preview(&args.input, &info, &request, console, signals)?;
    let words = request.command_words(&args.input, output.as_deref());
    print(&(RenderRequest::quoted(&words) + "\n"))?;
    if args.dry_run || !agreed("Render it now?")? {
        return Ok(0);
    }
    let mut arguments = words;
    arguments.insert(1, "render".to_owned());
    let matches = Cli::command().try_get_matches_from(&arguments);
    let read = matches.and_then(|matches| Cli::from_arg_matches(&matches));
    match read.map(|cli| cli.command) {
        Ok(Command::Render(args)) => render::run(&args, console, signals),
        Ok(_) => Ok(0),
        Err(error) => Err(Problem::new(
            USAGE,
            error.to_string(),
            "give the command by hand",
        )),
    }
}

fn purposes() -> Vec<Choice> {
    vec![
        choice("a look: drawn, painted, like film", |_| {}),
        choice(
            "a better picture: what is wrong with it is found, and mended where a style can",
            |answers| {
                answers.request.preset = Some(AUTO.to_owned());
            },
        ),
        choice("another size", |_| {}),
        choice("the same pictures in another kind of file", |answers| {
            answers.request.style = Some("identity".to_owned());
        }),
    ]
}

/// The presets that are a look: they make no other size, and do not begin with mending.
fn looks() -> Result<Vec<Choice>, Problem> {
    let library = Library::built_in();
    let mends = |chain: &str| {
        let first = chain.split('+').next().unwrap_or(chain);
        library.load(first).is_ok_and(|style| style.stage.is_some())
    };
    let mut choices = Vec::new();
    for name in preset_names() {
        let preset = Preset::load(name)?;
        let request = &preset.request;
        let sized = request.scale.is_some() || request.size.is_some();
        if request.style.as_deref().is_some_and(|chain| !mends(chain)) && !sized {
            choices.push(choice(
                format!("{name}: {}", preset.description),
                move |answers| {
                    answers.request.preset = Some(name.to_owned());
                },
            ));
        }
    }
    choices.push(choice(
        "pencil: graphite, with the usual settings",
        |answers| {
            answers.request.style = Some("pencil".to_owned());
        },
    ));
    Ok(choices)
}

fn enlarging() -> Vec<Choice> {
    vec![
        choice("yes: below 720 lines they become twice as large", |_| {}),
        choice("no", |answers| {
            answers.request.auto_without = Some("upscale".to_owned())
        }),
    ]
}

fn sizes() -> Vec<Choice> {
    let sized = |words: &str, size: &'static str| {
        choice(words, move |answers: &mut Answers| {
            answers.request.style = Some("upscale".to_owned());
            answers.request.size = SettingValue::parse(size);
        })
    };
    let scaled = |words: &str, scale: &'static str| {
        choice(words, move |answers: &mut Answers| {
            answers.request.style = Some("upscale".to_owned());
            answers.request.scale = SettingValue::parse(scale);
        })
    };
    vec![
        sized("1080 lines", "-2x1080"),
        sized("4K: 2160 lines", "-2x2160"),
        scaled("twice as large", "2"),
        scaled("half as large", "0.5"),
    ]
}

fn sounds() -> Vec<Choice> {
    vec![
        choice("it stays as it is", |_| {}),
        choice("it is left out", |answers| {
            answers.request.audio = SettingValue::parse("none")
        }),
    ]
}

fn times() -> Vec<Choice> {
    let speed = |words: &str, name: &'static str| {
        choice(words, move |answers: &mut Answers| {
            answers.request.encoder_preset = Some(name.to_owned());
        })
    };
    vec![
        choice("as long as is usual", |_| {}),
        speed("longer, for a smaller file", "slow"),
        speed("a short time, and a larger file", "veryfast"),
    ]
}

fn files() -> Vec<Choice> {
    let with_ending =
        |ending: &'static str| move |answers: &mut Answers| answers.ending = Some(ending);
    vec![
        choice("for every player: .mp4 with H.264", with_ending("mp4")),
        choice("with all streams of the source: .mkv", with_ending("mkv")),
        choice("for editing: .mov with ProRes, large", |answers| {
            answers.ending = Some("mov");
            answers.request.codec = Some("prores_ks".to_owned());
            answers.request.encoder_preset = None;
        }),
        choice("small: .mp4 with H.265", |answers| {
            answers.ending = Some("mp4");
            answers.request.codec = Some("libx265".to_owned());
            answers.request.crf = SettingValue::parse("24");
        }),
    ]
}

fn say(words: &str) {
    // Who does not see it has closed the terminal; the next answer is none.
    let _ = writeln!(stderr(), "{words}");
}

/// Asks, applies the answer, and returns its index. Where `other` takes what is no number, it is an answer, too, of the index after
/// the last.
fn ask(
    question: &str,
    choices: &[Choice],
    other: Option<(&str, &Other)>,
    answers: &mut Answers,
) -> Result<usize, Problem> {
    say(&format!("\n{question}"));
    for (index, choice) in choices.iter().enumerate() {
        say(&format!("  {}  {}", index + 1, choice.words));
    }
    if let Some((words, _)) = other {
        say(&format!("  {words}"));
    }
    loop {
        let line = line(&format!("1 to {} [1]: ", choices.len()))?;
        let number = match line.as_str() {
            "" => Some(1),
            text => text.parse().ok(),
        };
        if let Some(number) = number.filter(|number| (1..=choices.len()).contains(number)) {
            (choices[number - 1].apply)(answers);
            return Ok(number - 1);
        }
        if other.is_some_and(|(_, takes)| takes(&line, answers)) {
            return Ok(choices.len());
        }
        say(&format!("{line:?} is none of them: type a number"));
    }
}

/// Takes another answer than a number; whether it is one.
type Other = dyn Fn(&str, &mut Answers) -> bool;

fn as_budget(line: &str, answers: &mut Answers) -> bool {
    let budget = TimeBudget::parse(line);
    answers.request.time_budget = budget;
    budget.is_some()
}

fn agreed(question: &str) -> Result<bool, Problem> {
    let line = line(&format!("\n{question} [Y/n]: "))?;
    Ok(!line.to_lowercase().starts_with('n'))
}

/// A line that was typed.
fn line(prompt: &str) -> Result<String, Problem> {
    let mut err = stderr();
    let _ = write!(err, "{prompt}").and_then(|()| err.flush());
    let mut text = String::new();
    match stdin().lock().read_line(&mut text) {
        Ok(count) if count > 0 => Ok(text.trim().to_owned()),
        _ => Err(Problem::new(
            USAGE,
            "there was no answer",
            "run it in a terminal, or give the command by hand: aquatint render --help",
        )),
    }
}

/// The name of the output: that which it would have, with another ending.
fn named(input: &Path, request: &RenderRequest, ending: &str) -> PathBuf {
    let stem = input.file_stem().unwrap_or_default().to_string_lossy();
    let what = request
        .preset
        .as_deref()
        .or(request.style.as_deref())
        .unwrap_or("pencil");
    input.with_file_name(format!("{stem}.{what}.{ending}"))
}

/// Shows a frame as the render makes it: in the terminal where that shows pictures, else as a file.
fn preview(
    input: &Path,
    info: &SourceInfo,
    request: &RenderRequest,
    console: &Console,
    signals: &Signals,
) -> Result<(), Problem> {
    let open = auto::is_open(request);
    let shown = match open {
        // The speed need not be measured for a picture.
        true => {
            let plain = RenderRequest {
                time_budget: None,
                ..request.clone()
            };
            let library = auto::without_choices(&plain).library()?;
            match auto::is_open(&plain) {
                true => {
                    let place = (input, &OutputLocation::default());
                    let decided = auto::decide(
                        (&plain, &library),
                        place,
                        &mut |event| console.event(&event),
                        &signals.cancel(),
                    );
                    console.ended(input);
                    decided.map_err(|error| signals.problem_of(&error))?.request
                }
                false => plain,
            }
        }
        false => request.clone(),
    };
    let shown = RenderRequest {
        existing: Some(Existing::Replace),
        recipe: Some(false),
        ..shown
    };
    let library = shown.library()?;
    let mut settings = shown.settings(&library)?;
    settings.output = Default::default();
    settings.output_elsewhere = None;
    let third = info.duration.unwrap_or(0.0) / 3.0;
    let moment = match info.is_image && info.sequence.is_none() {
        true => Moment::Frame(0),
        false => Moment::Time(Time::parse(&format!("{third:.3}")).unwrap_or_default()),
    };
    let stem = input.file_stem().unwrap_or_default().to_string_lossy();
    let path = std::env::temp_dir().join(format!("aquatint-preview-{stem}.png"));
    let preview = Preview {
        moment,
        duration: Time::default(),
        exact: false,
    };
    let cancel = signals.cancel();
    let job = preview.prepare(&library, &settings, input, &path, &cancel);
    let done = job.and_then(|job| job.run(&mut |_| {}, &cancel));
    done.map_err(|error| signals.problem_of(&error))?;
    let protocol = match stdout().is_terminal() {
        true => Protocol::of_terminal(|name| std::env::var(name).ok()),
        false => None,
    };
    let drawn = protocol.and_then(|protocol| {
        let bytes = std::fs::read(&path).ok()?;
        protocol.drawn(&read_image(&path).ok()?, &bytes).ok()
    });
    match drawn {
        Some(drawn) => print(&drawn)?,
        None => say(&format!("\nThis is how it will look: {}", path.display())),
    }
    Ok(())
}
