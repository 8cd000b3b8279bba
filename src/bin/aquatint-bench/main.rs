//! `aquatint-bench`: measures styles on generated frames. Reads and writes no video, so that it needs no FFmpeg: only a
//! Vulkan loader, and without that the processor is measured.

mod file;
mod gpu;
mod kernels;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use aquatint::frame::{Model, PixelFormat, Subsampling};
use aquatint::graph::ExecError;
use aquatint::graph::bench::{Bench, BenchError, Measured, executor, plan_of, scene};
use aquatint::graph::gpu::{Wanted, adapters};
use aquatint::graph::plan::Temporal;
use aquatint::graph::style::Library;

const HELP: &str = "\
Measure what each pass of a style costs in time and bytes, on generated frames

Usage: aquatint-bench [OPTIONS] STYLE...
       aquatint-bench gpu [--quick] [--device DEVICE] [--seconds N] [--kernels FOLDER]
                          [STYLE...]
       aquatint-bench report FILE

gpu measures a graphics adapter with all that this program knows, and prints it as JSON. report makes tables of that,
in Markdown.

Arguments:
  STYLE...           Built-in styles; several are outputs of one source, as with `aquatint -s a,b`

Options:
      --size WxH     Size of the frames [default: 1920x1080]
      --depth BITS   Bits of a sample, 8 to 16 [default: 8]
      --frames N     Frames measured [default: 20]
      --temporal MODE  off, ema, flow or adaptive: averaging over time [default: adaptive]
      --device DEVICE  auto, gpu, cpu, or an adapter's number or a part of its name [default: auto]
      --json         Print JSON
      --adapters     Print the graphics adapters, and measure nothing
      --quick        With `gpu`: tiny pictures, to see that all works; always so on a software adapter
      --kernels FOLDER  With `gpu`: the folder where the kernel tests left codes.jsonl and tests.log
      --seconds N    With `gpu`: what has not begun after so many seconds is left out, and named
  -h, --help         Print this
";
/// Exit codes, as those of `aquatint`.
const USAGE: u8 = 2;
const DATA: u8 = 65;
const UNAVAILABLE: u8 = 69;

/// The longest side of a picture, as for a render.
const LONGEST_SIDE: u32 = 32_768;

/// What the command line asks for.
#[derive(Debug, PartialEq)]
struct Asked {
    styles: Vec<String>,
    size: (u32, u32),
    depth: u8,
    frames: usize,
    temporal: Temporal,
    device: Wanted,
    json: bool,
    adapters: bool,
}

/// What there is to do.
#[derive(Debug, PartialEq)]
enum Command {
    Help,
    Bench(Asked),
    Gpu(gpu::Asked),
    Report(PathBuf),
}

impl Command {
    /// Reads the words of the command line. An error says what is wrong with them.
    fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut words = words.into_iter().peekable();
        let first = words.peek().map(String::as_str);
        if !matches!(first, Some("gpu" | "report")) {
            return Ok(read(words)?.map_or(Self::Help, Self::Bench));
        }
        let gpu = words.next().is_some_and(|word| word == "gpu");
        match gpu {
            true => read_gpu(words),
            false => match (words.next(), words.next()) {
                (Some(file), None) if !file.starts_with('-') => Ok(Self::Report(file.into())),
                _ => Err("report needs one file, as `aquatint-bench gpu` prints it".to_owned()),
            },
        }
    }
}

/// Reads what follows `gpu`.
fn read_gpu(words: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut asked = gpu::Asked::default();
    let mut words = words;
    while let Some(word) = words.next() {
        let mut value = |form: &str| {
            let value = words.next();
            value.ok_or_else(|| format!("{word} needs a value: {form}"))
        };
        match word.as_str() {
            "-h" | "--help" => return Ok(Command::Help),
            "--quick" => asked.quick = true,
            "--device" => {
                let form = "auto, gpu, a number or a name";
                asked.device = parsed("--device", &value(form)?, form, |text| text.parse().ok())?;
            }
            "--seconds" => {
                let form = "a whole number";
                let seconds = |text: &str| text.parse().ok();
                asked.seconds = Some(parsed("--seconds", &value(form)?, form, seconds)?);
            }
            "--kernels" => asked.kernels = Some(value("a folder")?.into()),
            name if name.starts_with('-') => return Err(format!("gpu has no option {name}")),
            _ => asked.styles.push(word),
        }
    }
    Ok(Command::Gpu(asked))
}

/// Reads the words of the command line; `None` if help is asked for. An error says what is wrong with them.
fn read(words: impl IntoIterator<Item = String>) -> Result<Option<Asked>, String> {
    let mut asked = Asked {
        styles: Vec::new(),
        size: (1920, 1080),
        depth: 8,
        frames: 20,
        temporal: adaptive(),
        device: Wanted::Auto,
        json: false,
        adapters: false,
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        let mut value = |form: &str| {
            let value = attached.clone().or_else(|| words.next());
            value.ok_or_else(|| format!("{name} needs a value: {form}"))
        };
        match name {
            "-h" | "--help" => return Ok(None),
            "--json" => asked.json = true,
            "--adapters" => asked.adapters = true,
            "--size" => {
                let form = "WxH, each 1 to 32768";
                asked.size = parsed(name, &value(form)?, form, size)?;
            }
            "--depth" => {
                let form = "8 to 16";
                let depth = |text: &str| text.parse().ok().filter(|n| (8..=16).contains(n));
                asked.depth = parsed(name, &value(form)?, form, depth)?;
            }
            "--frames" => {
                let form = "a number from 1 on";
                let frames = |text: &str| text.parse().ok().filter(|n| *n > 0);
                asked.frames = parsed(name, &value(form)?, form, frames)?;
            }
            "--temporal" => {
                let form = "off, ema, flow or adaptive";
                let mode = |text: &str| match text {
                    "off" => Some(Temporal::Off),
                    "adaptive" => Some(adaptive()),
                    "ema" => Some(Temporal::Ema {
                        alpha: Temporal::ALPHA,
                    }),
                    "flow" => Some(Temporal::Flow {
                        alpha: Temporal::ALPHA,
                    }),
                    _ => None,
                };
                asked.temporal = parsed(name, &value(form)?, form, mode)?;
            }
            "--device" => {
                let form = "auto, gpu, cpu, a number or a name";
                asked.device = parsed(name, &value(form)?, form, |text| text.parse().ok())?;
            }
            _ if name.starts_with('-') => return Err(format!("there is no option {name}")),
            _ => asked.styles.push(word),
        }
    }
    if asked.styles.is_empty() && !asked.adapters {
        return Err("no style is named".to_owned());
    }
    Ok(Some(asked))
}

fn adaptive() -> Temporal {
    Temporal::Adaptive {
        alpha: Temporal::ALPHA,
    }
}

fn parsed<T>(
    name: &str,
    value: &str,
    form: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, String> {
    read(value).ok_or_else(|| format!("{name} {value} cannot be read: write {form}"))
}

fn size(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    let side = |text: &str| {
        let side: u32 = text.parse().ok()?;
        (1..=LONGEST_SIDE).contains(&side).then_some(side)
    };
    Some((side(width)?, side(height)?))
}

/// Planar 4:2:0.
fn yuv420(depth: u8) -> PixelFormat {
    PixelFormat::planar(Model::Yuv, Subsampling::S420, depth, false)
}

fn measure(asked: &Asked) -> Result<Measured, BenchError> {
    let library = Library::built_in();
    let pictures = scene(&library, asked.size, yuv420(asked.depth))?;
    let plan = plan_of(&library, &asked.styles, &pictures[0], asked.temporal)?;
    let bench = Bench {
        styles: asked.styles.clone(),
        pictures: &pictures,
        frames: asked.frames,
    };
    bench.run(plan, |plan| executor(&library, plan, &asked.device))
}

/// Text for the terminal.
fn answer(asked: &Asked) -> Result<String, BenchError> {
    let json = |value: serde_json::Result<String>| value.map(|text| text + "\n");
    if asked.adapters {
        let adapters = adapters();
        let lines = adapters.iter().map(|it| format!("{} {it}\n", it.index));
        return Ok(match asked.json {
            true => json(serde_json::to_string_pretty(&adapters)).unwrap_or_default(),
            false => lines.collect(),
        });
    }
    let measured = measure(asked)?;
    Ok(match asked.json {
        true => json(serde_json::to_string_pretty(&measured)).unwrap_or_default(),
        false => measured.to_string(),
    })
}

/// Why the program ends without an answer: its exit code and what is said.
type Failed = (u8, String);

fn failed(error: BenchError) -> Failed {
    let code = match error {
        BenchError::Exec(ExecError::NoDevice { .. } | ExecError::Lost { .. }) => UNAVAILABLE,
        _ => USAGE,
    };
    (code, error.to_string())
}

/// Measures a graphics adapter; the JSON, and whether all could be measured.
fn of_gpu(asked: &gpu::Asked) -> Result<(String, bool), Failed> {
    let kernels = asked.kernels.as_deref().map(kernels::Kernels::read);
    let kernels = kernels.transpose().map_err(|why| (DATA, why))?;
    let file = gpu::measure(asked, kernels).map_err(failed)?;
    let text = serde_json::to_string_pretty(&file).map_err(|why| (DATA, why.to_string()))?;
    Ok((text + "\n", file.failures.is_empty()))
}

fn main() -> ExitCode {
    let command = match Command::read(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(why) => {
            eprintln!("error: {why}\n  `aquatint-bench --help` lists the options");
            return ExitCode::from(USAGE);
        }
    };
    let answer = match command {
        Command::Help => Ok((HELP.to_owned(), true)),
        Command::Bench(asked) => answer(&asked).map(|text| (text, true)).map_err(failed),
        Command::Gpu(asked) => of_gpu(&asked),
        Command::Report(path) => report::of(&path)
            .map(|text| (text, true))
            .map_err(|why| (DATA, why)),
    };
    match answer {
        Ok((text, whole)) => {
            print!("{text}");
            match whole {
                true => ExitCode::SUCCESS,
                false => ExitCode::from(UNAVAILABLE),
            }
        }
        Err((code, why)) => {
            eprintln!("error: {why}");
            ExitCode::from(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Result<Option<Asked>, String> {
        read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read() {
        let found = asked("pencil --size=64x48 --depth 10 --frames 3 --temporal off --device cpu");
        let found = found.unwrap().unwrap();
        assert_eq!(found.styles, ["pencil"]);
        assert_eq!((found.size, found.depth, found.frames), ((64, 48), 10, 3));
        assert_eq!((found.temporal, found.device), (Temporal::Off, Wanted::Cpu));
        assert!(asked("--help").unwrap().is_none());
        assert!(asked("--adapters").unwrap().unwrap().adapters);
    }

    #[test]
    fn what_there_is_to_do_comes_first() {
        let command = |line: &str| Command::read(line.split_whitespace().map(str::to_owned));
        let gpu = gpu::Asked {
            styles: vec!["comic".to_owned()],
            device: Wanted::Number(0),
            quick: true,
            kernels: Some("found".into()),
            seconds: Some(9),
        };
        let line = "gpu --quick --device 0 --kernels found --seconds 9 comic";
        assert_eq!(command(line), Ok(Command::Gpu(gpu)));
        assert_eq!(
            command("report gpu.json"),
            Ok(Command::Report("gpu.json".into()))
        );
        assert_eq!(command("gpu --help"), Ok(Command::Help));
        assert!(matches!(command("pencil"), Ok(Command::Bench(_))));
        for (line, words) in [
            ("report", "report needs one file"),
            ("report a b", "report needs one file"),
            ("gpu --size 3x3", "gpu has no option --size"),
            ("gpu --kernels", "--kernels needs a value"),
            ("gpu --seconds soon", "--seconds soon cannot be read"),
        ] {
            let why = command(line).unwrap_err();
            assert!(why.contains(words), "{line}: {why}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (line, words) in [
            ("", "no style"),
            ("pencil --size 0x3", "--size 0x3 cannot be read"),
            ("pencil --size 64", "--size 64 cannot be read"),
            ("pencil --depth 7", "8 to 16"),
            ("pencil --frames 0", "from 1 on"),
            ("pencil --frames", "--frames needs a value"),
            ("pencil --fast", "no option --fast"),
        ] {
            let why = asked(line).unwrap_err();
            assert!(why.contains(words), "{line}: {why}");
        }
    }
}
