//! `aquatint-bench`: measures styles on generated frames. Reads and writes no video, so that it needs no FFmpeg: only a
//! Vulkan loader, and without that the processor is measured.

use std::process::ExitCode;

use aquatint::frame::{Model, PixelFormat, Subsampling};
use aquatint::graph::ExecError;
use aquatint::graph::bench::{Bench, BenchError, Measured, as_it_is, executor, scene};
use aquatint::graph::gpu::{Wanted, adapters};
use aquatint::graph::plan::{OutputRequest, PlanOptions, Temporal, plan};
use aquatint::graph::style::Library;

const HELP: &str = "\
Measure what each pass of a style costs in time and bytes, on generated frames

Usage: aquatint-bench [OPTIONS] STYLE...

Arguments:
  STYLE...           Built-in styles; several are outputs of one source, as with `aquatint -s a,b`

Options:
      --size WxH     Size of the frames [default: 1920x1080]
      --depth BITS   Bits of a sample, 8 to 16 [default: 8]
      --frames N     Frames measured [default: 20]
      --temporal MODE  off or adaptive: averaging over time [default: adaptive]
      --device DEVICE  auto, gpu, cpu, or an adapter's number or a part of its name [default: auto]
      --json         Print JSON
      --adapters     Print the graphics adapters, and measure nothing
  -h, --help         Print this
";
/// Exit codes, as those of `aquatint`.
const USAGE: u8 = 2;
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
                let form = "off or adaptive";
                let mode = |text: &str| match text {
                    "off" => Some(Temporal::Off),
                    "adaptive" => Some(adaptive()),
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

fn measure(asked: &Asked) -> Result<Measured, BenchError> {
    let library = Library::built_in();
    let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, asked.depth, false);
    let chains = asked
        .styles
        .iter()
        .map(|name| Ok(vec![as_it_is(&library, name)?]))
        .collect::<Result<Vec<_>, BenchError>>()?;
    let pictures = scene(&library, asked.size, format)?;
    let bench = Bench {
        styles: asked.styles.clone(),
        pictures: &pictures,
        frames: asked.frames,
    };
    let request = |chain| OutputRequest {
        chain,
        format,
        color: pictures[0].color,
        temporal: asked.temporal,
    };
    let requests: Vec<OutputRequest> = chains.into_iter().map(request).collect();
    let plan = plan(&library, &bench.source(), &requests, PlanOptions::default())?;
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

fn main() -> ExitCode {
    let asked = match read(std::env::args().skip(1)) {
        Ok(Some(asked)) => asked,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("error: {why}\n  `aquatint-bench --help` lists the options");
            return ExitCode::from(USAGE);
        }
    };
    match answer(&asked) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(match error {
                BenchError::Exec(ExecError::NoDevice { .. } | ExecError::Lost { .. }) => {
                    UNAVAILABLE
                }
                _ => USAGE,
            })
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
