//! `aquatint-bench report`: tables of a `gpu.json`, in Markdown.

use std::fmt::Write;
use std::path::Path;

use crate::file::{Adapter, Case, FORMAT, GpuFile, Run};
use crate::kernels::Kernels;

/// The steps of each style that are shown: those that take longest.
const DEAREST: usize = 3;

/// The tables of the file at `path`.
///
/// # Errors
/// A text that says why it cannot be read.
pub fn of(path: &Path) -> Result<String, String> {
    let name = path.display();
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{name} cannot be read: {error}"))?;
    let file: GpuFile = serde_json::from_str(&text)
        .map_err(|error| format!("{name} is no file of `aquatint-bench gpu`: {error}"))?;
    if file.format != FORMAT {
        return Err(format!(
            "{name} has form {}, and this program reads form {FORMAT}: use the program of aquatint {}",
            file.format, file.version
        ));
    }
    Ok(tables(&file))
}

fn tables(file: &GpuFile) -> String {
    let mut out = String::new();
    head(&mut out, file);
    ceilings(&mut out, file);
    runs(&mut out, &file.runs);
    dearest(&mut out, &file.runs);
    in_flight(&mut out, file);
    correct(&mut out, file);
    out
}

/// A table with a line for each of `rows`.
fn table(out: &mut String, title: &str, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let line = |cells: &[&str]| format!("| {} |", cells.join(" | "));
    let _ = writeln!(out, "\n{title}\n\n{}", line(columns));
    let _ = writeln!(out, "{}", "|---".repeat(columns.len()) + "|");
    for row in rows {
        let cells: Vec<&str> = row.iter().map(String::as_str).collect();
        let _ = writeln!(out, "{}", line(&cells));
    }
}

/// Three digits or so.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

fn optional(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), short)
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.0} %", 100.0 * share))
}

fn megabytes(bytes: usize) -> String {
    short(bytes as f64 / 1e6)
}

fn head(out: &mut String, file: &GpuFile) {
    let Adapter {
        name,
        kind,
        backend,
        driver,
        software,
        pci,
        memory,
        limits,
        ..
    } = &file.adapter;
    let _ = writeln!(out, "### {name}\n");
    let _ = write!(
        out,
        "{kind}, {backend}, {driver}; aquatint {}; {} threads of the processor.",
        file.version, file.threads
    );
    if let Some(pci) = pci {
        let _ = write!(out, " At {pci}.");
    }
    if let Some(memory) = memory {
        let _ = write!(out, " {} GB of memory.", short(*memory as f64 / 1e9));
    }
    let _ = writeln!(
        out,
        " Textures up to {} pixels a side, {} bytes of workgroup memory, subgroups of {} to {}.",
        limits.texture_side, limits.workgroup_memory, limits.subgroup.0, limits.subgroup.1
    );
    if *software {
        let _ = writeln!(
            out,
            "\n**The processor emulates this adapter: the figures say nothing about a graphics processor.**"
        );
    }
    if file.quick {
        let _ = writeln!(
            out,
            "\n**Tiny pictures (`--quick`): the figures show that all works, and no speed.**"
        );
    }
    for failure in &file.failures {
        let _ = writeln!(
            out,
            "\n**Not measured: {}: {}**",
            failure.what,
            failure.why.replace('\n', " ")
        );
    }
}

fn ceilings(out: &mut String, file: &GpuFile) {
    let it = &file.ceilings;
    let mut rows = vec![
        (
            format!(
                "buffer to buffer, {} MB",
                megabytes(it.buffer_bytes as usize)
            ),
            it.buffer_copy,
            "GB/s, read + written",
        ),
        (
            format!("texture to texture, {0}x{0} rgba32float", it.texture_side),
            it.texture_copy,
            "GB/s, read + written",
        ),
    ];
    for format in &it.formats {
        let name = &format.format;
        rows.push((format!("kernel reads {name}"), format.read, "GB/s"));
        rows.push((format!("kernel writes {name}"), format.write, "GB/s"));
        rows.push((
            format!("kernel copies {name}"),
            format.copy,
            "GB/s, read + written",
        ));
    }
    rows.extend([
        ("upload, the device's part".to_owned(), it.upload, "GB/s"),
        (
            "readback, the device's part".to_owned(),
            it.readback,
            "GB/s",
        ),
        (
            "the processor writes what is uploaded".to_owned(),
            it.host_write,
            "GB/s",
        ),
        (
            "the processor reads what is read back".to_owned(),
            it.host_read,
            "GB/s",
        ),
        (
            format!("an empty dispatch, of {}", it.dispatches),
            it.dispatch,
            "µs",
        ),
        (
            "the same, each waiting for the one before".to_owned(),
            it.dependent_dispatch,
            "µs",
        ),
    ]);
    let title = format!("What the device can do at best, by its {}:", it.timed_by);
    let rows = rows
        .into_iter()
        .map(|(what, value, unit)| vec![what, short(value), unit.to_owned()]);
    table(out, &title, &["", "", "unit"], rows);
}

fn pictures(case: &Case) -> String {
    format!("{}x{}, {} bits", case.width, case.height, case.depth)
}

fn runs(out: &mut String, runs: &[Run]) {
    let columns = [
        "style",
        "pictures",
        "temporal",
        "frames/s",
        "ms a frame",
        "ms of the device",
        "MB moved",
        "of the fastest copy",
        "pipelines cold, warm, ms",
        "processor: copy in, encode, wait, copy out, ms",
    ];
    let rows = runs.iter().map(|run| {
        let host = run.host.map_or("-".to_owned(), |host| {
            let parts = [host.copy_in, host.encode, host.wait, host.copy_out];
            parts.map(short).join(", ")
        });
        vec![
            run.case.style.clone(),
            pictures(&run.case),
            run.case.temporal.clone(),
            short(run.frames_per_second),
            short(run.milliseconds),
            optional(run.device_milliseconds),
            megabytes(run.read + run.written),
            percent(run.copy_share),
            format!(
                "{}, {}",
                short(run.pipelines_cold),
                short(run.pipelines_warm)
            ),
            host,
        ]
    });
    table(out, "The styles:", &columns, rows);
}

/// The dearest steps of the last case of each style: that of the largest and deepest pictures.
fn dearest(out: &mut String, runs: &[Run]) {
    let mut last: Vec<&Run> = Vec::new();
    for run in runs {
        last.retain(|known| known.case.style != run.case.style);
        last.push(run);
    }
    let columns = [
        "style",
        "pass",
        "ms",
        "95 of 100 within, ms",
        "MB moved",
        "of the fastest copy",
    ];
    let rows = last.into_iter().flat_map(|run| {
        let mut steps: Vec<_> = run.steps.iter().collect();
        let time = |step: &&crate::file::StepRun| step.measured.milliseconds.unwrap_or(0.0);
        steps.sort_by(|a, b| time(b).total_cmp(&time(a)));
        steps
            .into_iter()
            .take(DEAREST)
            .map(|step| {
                vec![
                    format!("{}, {}", run.case.style, pictures(&run.case)),
                    step.measured.label.clone(),
                    optional(step.measured.milliseconds),
                    optional(step.measured.p95),
                    megabytes(step.measured.read + step.measured.written),
                    percent(step.copy_share),
                ]
            })
            .collect::<Vec<_>>()
    });
    table(
        out,
        "The passes that take longest, medians by timestamps:",
        &columns,
        rows,
    );
}

fn in_flight(out: &mut String, file: &GpuFile) {
    let mut cases: Vec<&Case> = file.in_flight.iter().map(|it| &it.case).collect();
    cases.dedup();
    let columns = ["style", "1", "2", "3", "4", "5"];
    let rows = cases.into_iter().map(|case| {
        let of = |count: usize| {
            let mut all = file.in_flight.iter();
            let found = all.find(|it| it.case == *case && it.frames_in_flight == count);
            optional(found.map(|it| it.frames_per_second))
        };
        let name = format!("{}, {}", case.style, pictures(case));
        [name]
            .into_iter()
            .chain((1..=5).map(of))
            .collect::<Vec<_>>()
    });
    let title = "Frames a second with so many frames in flight:";
    table(out, title, &columns, rows);
}

fn correct(out: &mut String, file: &GpuFile) {
    let equal = file.determinism.iter().filter(|it| it.equal).count();
    let _ = writeln!(
        out,
        "\nTwo runs over the same pictures gave equal samples for {equal} of {} styles.",
        file.determinism.len()
    );
    for other in file.determinism.iter().filter(|it| !it.equal) {
        let _ = writeln!(out, "**Not equal: {}.**", other.case);
    }
    let Some(Kernels {
        codes,
        passed,
        failed,
        ended,
    }) = &file.kernels
    else {
        let _ = writeln!(out, "The kernel tests were not run.");
        return;
    };
    let _ = writeln!(
        out,
        "Kernel tests: {passed} passed, {} failed{}.",
        failed.len(),
        match ended {
            true => "",
            false => ", and they did not run to their end",
        }
    );
    for name in failed {
        let _ = writeln!(out, "- **failed: {name}**");
    }
    let exact = codes.iter().filter(|it| it.worst == 0).count();
    let _ = writeln!(
        out,
        "{exact} of {} kernels agree with their twins in every code.",
        codes.len()
    );
    let apart = codes.iter().filter(|it| it.worst > 0);
    let rows = apart.map(|it| {
        vec![
            it.kernel.clone(),
            it.worst.to_string(),
            it.allowed.to_string(),
        ]
    });
    let columns = ["kernel", "worst", "allowed"];
    let title = "The others, in codes of 16 bits:";
    table(out, title, &columns, rows);
}
