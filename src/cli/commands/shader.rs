//! `aquatint shader`: for authors of styles.

use std::fmt::Write;
use std::path::Path;

use serde_json::json;

use super::super::args::{
    PlanArgs, Shader, ShaderAction, ShaderCheck, ShaderDump, ShaderExport, ShaderNew, ShaderStats,
    ShaderTest,
};
use super::super::console::Console;
use super::super::problem::{BAD_INPUT, CANNOT_CREATE, DIFFERS, NO_INPUT, Problem, USAGE};
use super::{named, print, print_json};
use crate::graph::browser::Change;
use crate::graph::plan::{Plan, Temporal, stats};
use crate::graph::style::Library;
use crate::render::Existing;
use crate::render::request::wanted;
use crate::render::shader::check::{Severity, as_diagnostics};
use crate::render::shader::{
    self, Apart, COSTS_AT, GoldenTest, Outcome, PageRequest, Side, browser_style, compare,
    dump_hlsl, dump_msl, dump_spirv, dump_wgsl, new_style, shadertoy_style, write_page,
};

pub fn run(args: &Shader, console: &Console) -> Result<u8, Problem> {
    match &args.action {
        ShaderAction::New(args) => new(args),
        ShaderAction::Check(args) => match &args.against {
            Some(other) => against(args, other, console),
            None => check(args),
        },
        ShaderAction::Stats(args) => show_stats(args),
        ShaderAction::Dump(args) => dump(args),
        ShaderAction::Export(args) => export(args, console),
        ShaderAction::Test(args) => test(args, console),
    }
}

fn planned(args: &PlanArgs) -> Result<(Library, Plan), Problem> {
    super::graph::planned(&args.style, args.size, &args.values, Temporal::Off)
}

fn show_stats(args: &ShaderStats) -> Result<u8, Problem> {
    let (_, plan) = planned(&args.plan)?;
    let steps = stats(&plan);
    let read: usize = steps.iter().map(|step| step.read).sum();
    let written: usize = steps.iter().map(|step| step.written).sum();
    let dispatches: usize = steps.iter().map(|step| step.dispatches).sum();
    if args.json {
        let all = json!({
            "style": args.plan.style, "width": args.plan.size.0, "height": args.plan.size.1,
            "dispatches": dispatches, "read": read, "written": written, "steps": steps,
        });
        print_json(&all)?;
        return Ok(0);
    }
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    let (width, height) = args.plan.size;
    let mut out = format!(
        "{}, {width}x{height}: {dispatches} dispatches, reads {:.1} MB, writes {:.1} MB a frame\n\n dispatches  MB read  MB written  pass\n",
        args.plan.style,
        megabytes(read),
        megabytes(written)
    );
    let blank = " ".repeat(34);
    for step in &steps {
        let (columns, rows) = step.extent;
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "{:>11} {:>8.1} {:>11.1}  {}  [{}]  {columns}x{rows}",
            step.dispatches,
            megabytes(step.read),
            megabytes(step.written),
            step.step,
            step.kernels.join(" + ")
        );
        if !step.fused.is_empty() {
            let _ = writeln!(out, "{blank}within it: {}", step.fused.join(", "));
        }
        if let Some(why) = &step.stored {
            let _ = writeln!(out, "{blank}stored: {why}");
        }
    }
    print(&out)?;
    Ok(0)
}

fn dump(args: &ShaderDump) -> Result<u8, Problem> {
    let (library, plan) = planned(&args.plan)?;
    let pass = args.pass.as_deref();
    let bytes = match args.language.as_str() {
        "spv" if args.output.is_none() => {
            return Err(Problem::new(
                USAGE,
                "SPIR-V is no text, so it is not printed",
                "name a file for it with -o",
            ));
        }
        "spv" => dump_spirv(&library, &plan, pass)?,
        "msl" => dump_msl(&library, &plan, pass)?.into_bytes(),
        "hlsl" => dump_hlsl(&library, &plan, pass)?.into_bytes(),
        _ => dump_wgsl(&library, &plan, pass)?.into_bytes(),
    };
    match &args.output {
        None => print(&String::from_utf8_lossy(&bytes))?,
        Some(file) => std::fs::write(file, bytes).map_err(|error| {
            Problem::new(
                CANNOT_CREATE,
                format!("cannot write {}: {error}", file.display()),
                "name another file with -o",
            )
        })?,
    }
    Ok(0)
}

fn export(args: &ShaderExport, console: &Console) -> Result<u8, Problem> {
    let (library, style) = named(&args.values.style_path, &args.style)?;
    let style = browser_style(
        &library,
        &PageRequest {
            style: &style,
            set: &args.values.set,
            sizes: &args.size,
            temporal: args.temporal.mode(),
        },
    )?;
    let existing = match args.overwrite {
        true => Existing::Replace,
        false => Existing::Refuse,
    };
    write_page(&style, &args.output, existing)?;
    let mut notes: Vec<&String> = style.plans.iter().flat_map(|plan| &plan.notes).collect();
    notes.dedup();
    notes.iter().for_each(|note| console.warning(note));
    let index = args.output.join("index.html");
    let mut out = format!("wrote {}\n", args.output.display());
    for plan in &style.plans {
        let live = plan.params.iter().filter(|param| param.change.is_live());
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "  {}x{}: {} of {} parameters can be changed",
            plan.width,
            plan.height,
            live.count(),
            plan.params.len()
        );
        for param in &plan.params {
            let _ = match &param.change {
                Change::Free | Change::Track => Ok(()),
                Change::Between { min, max } => {
                    writeln!(out, "    {} from {min} to {max}", param.id)
                }
                Change::Fixed { why } => writeln!(out, "    {} is fixed: {why}", param.id),
            };
        }
    }
    let _ = write!(out, "\nOpen {} in a browser with WebGPU", index.display());
    print(&out)?;
    Ok(0)
}

fn test(args: &ShaderTest, console: &Console) -> Result<u8, Problem> {
    let folder = args.folder.as_deref().unwrap_or(Path::new("."));
    let (library, _) = named(&args.style_path, "")?;
    let (library, names) = with_folder(library, folder)?;
    let golden = GoldenTest {
        bless: args.bless,
        tolerance: args.tolerance,
        report: args.report.clone(),
        device: wanted(args.device.as_deref()),
    };
    let mut out = String::new();
    let (mut missing, mut different) = (false, false);
    // Building blocks are tested with the styles that use them.
    for name in names.iter().filter(|name| !name.contains('/')) {
        let compared = golden.run(&library, name, &mut |words| console.warning(words))?;
        for one in compared {
            let what = match &one.outcome {
                Outcome::Blessed => "written".to_owned(),
                Outcome::Same { largest: 0 } => "the same".to_owned(),
                Outcome::Same { largest } => format!("the same, up to {largest} codes"),
                Outcome::Missing => {
                    missing = true;
                    "missing: --bless writes it".to_owned()
                }
                Outcome::Differs { why, report } => {
                    different = true;
                    format!(
                        "differs: {why}\n  see {}/{}.*.png",
                        report.display(),
                        one.scene
                    )
                }
            };
            let _ = writeln!(out, "{}: {what}", one.golden.display());
        }
    }
    print(&out)?;
    Ok(match (different, missing) {
        (true, _) => DIFFERS,
        (false, true) => NO_INPUT,
        (false, false) => 0,
    })
}

fn check(args: &ShaderCheck) -> Result<u8, Problem> {
    let folder = args.folder.as_deref().unwrap_or(Path::new("."));
    let (library, _) = named(&args.style_path, "")?;
    let (library, names) = with_folder(library, folder)?;
    let checked = shader::check::check(&library, names.iter().map(String::as_str));
    let (errors, warnings) = (
        checked.count(Severity::Error),
        checked.count(Severity::Warning),
    );
    if args.json {
        let files = checked.files.iter().map(String::as_str);
        print_json(&as_diagnostics(&checked.findings, files))?;
    } else {
        let mut out = String::new();
        for one in &checked.findings {
            let _ = writeln!(out, "{one}\n");
        }
        let several = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            _ => format!("{count} {what}s"),
        };
        let _ = write!(
            out,
            "{}: {}, {}",
            checked.folders.join(", "),
            several(errors, "error"),
            several(warnings, "warning")
        );
        print(&out)?;
    }
    let denied = args.deny.is_some() && warnings > 0;
    Ok(if errors > 0 || denied { BAD_INPUT } else { 0 })
}

/// The command `shader check --against`.
fn against(args: &ShaderCheck, other: &Path, console: &Console) -> Result<u8, Problem> {
    let folder = args.folder.as_deref().unwrap_or(Path::new("."));
    let (library, _) = named(&args.style_path, "")?;
    let sides = [
        Side::find(library.clone(), folder)?,
        Side::find(library, other)?,
    ];
    let device = args.device.as_deref().map(|device| wanted(Some(device)));
    let found = compare([&sides[0], &sides[1]], device.as_ref(), &mut |words| {
        console.warning(words);
    })?;
    let names = [&sides[0].given, &sides[1].given];
    let mut out = format!("{} and {}, on {}\n", names[0], names[1], found.device);
    // Writing to a string does not fail.
    for (scene, apart) in &found.scenes {
        let _ = match apart {
            Apart::Same => writeln!(out, "  {scene}: the same"),
            Apart::By {
                largest,
                psnr,
                share,
            } => writeln!(
                out,
                "  {scene}: differs by up to {largest} codes, PSNR {psnr:.2} dB, {:.2} % of the samples",
                100.0 * share
            ),
            Apart::Sizes([(width, height), (other_width, other_height)]) => writeln!(
                out,
                "  {scene}: {width}x{height} pixels, and {other_width}x{other_height}"
            ),
        };
    }
    match found.changed.is_empty() {
        true => out.push_str("no file that both have has another text\n"),
        false => {
            let _ = writeln!(out, "another text: {}", found.changed.join(", "));
        }
    }
    for (name, only) in names.iter().zip(&found.only) {
        if !only.is_empty() {
            let _ = writeln!(out, "only in {name}: {}", only.join(", "));
        }
    }
    let (width, height) = COSTS_AT;
    let _ = writeln!(out, "a frame of {width}x{height}:");
    for (name, cost) in names.iter().zip(&found.costs) {
        let _ = writeln!(
            out,
            "  {name}: {} dispatches, reads {:.1} MB, writes {:.1} MB",
            cost.dispatches,
            cost.read as f64 / 1e6,
            cost.written as f64 / 1e6
        );
    }
    print(&out)?;
    Ok(if found.differs() { DIFFERS } else { 0 })
}

/// `library` with the styles in `folder`, and the names of all folders with a manifest that are in it.
fn with_folder(mut library: Library, folder: &Path) -> Result<(Library, Vec<String>), Problem> {
    let mut alone = Library::built_in();
    alone.add_path(folder)?;
    let names = alone.own_folders().map(str::to_owned).collect();
    library.add_path(folder)?;
    Ok((library, names))
}

fn new(args: &ShaderNew) -> Result<u8, Problem> {
    let parent = args.output.as_deref().unwrap_or(Path::new(""));
    let made = match &args.from_shadertoy {
        Some(file) => shadertoy_style(&args.name, file, parent)?,
        None => new_style(&args.name, &args.from, parent)?,
    };
    let folder = made.folder.display();
    let mut out = format!("wrote {folder}\n");
    for file in &made.files {
        // Writing to a string does not fail.
        let _ = writeln!(out, "  {}", file.display());
    }
    // As a style is named by its folder: with a / in it.
    let style = match made.folder.components().count() {
        1 => format!("./{folder}"),
        _ => folder.to_string(),
    };
    let _ = write!(
        out,
        "\nRender with it: aquatint clip.mp4 -s {style}\nThen change {folder}/{}",
        made.files
            .iter()
            .find(|file| file.extension().is_some_and(|ending| ending == "wgsl"))
            .map_or_else(String::new, |file| file.display().to_string())
    );
    print(&out)?;
    Ok(0)
}
