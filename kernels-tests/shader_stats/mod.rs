//! What every kernel of the built-in styles costs on AMD GPUs that nobody needs to have: Mesa's RADV compiles for them with
//! no GPU there. A table of it is kept for the version of Mesa that made it, so that a review sees a worsening.

mod assembly;
mod radv;
mod trips;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use aquatint::color::{Coding, Color};
use aquatint::frame::Rational;
use aquatint::graph::gpu::shader::{ParamsAs, generate_with};
use aquatint::graph::plan::{OutputRequest, Plan, PlanOptions, Source, plan};
use aquatint::graph::style::Library;
use ash::vk::DescriptorType;
use naga::back::spv;

use crate::block_styles;
use crate::skip::{say, skip};
use crate::support::{styled, with_own, yuv420};
use crate::temporal::ADAPTIVE;
use radv::Radv;

/// Two generations of AMD's GPUs, as RADV calls them: Polaris of 2016, and RDNA 2 of 2020.
const FAMILIES: [&str; 2] = ["navi21", "polaris10"];
/// What a row is called, its style, and parameters of that.
type Style = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// Styles that are measured at this size, 8 bits, 4:2:0, averaged over time.
const STYLES: [Style; 18] = [
    ("pencil", "pencil", &[]),
    ("cartoon", "cartoon", &[]),
    ("comic", "comic", &[]),
    ("cinematic", "cinematic", &[]),
    ("ink", "ink", &[]),
    ("oil", "oil", &[]),
    ("mosaic", "mosaic", &[]),
    ("ascii", "ascii", &[]),
    ("glitch", "glitch", &[]),
    ("watercolor", "watercolor", &[]),
    ("upscale, lanczos", "upscale", &[("kind", "lanczos")]),
    ("upscale, ewa", "upscale", &[("kind", "ewa")]),
    ("upscale, fast", "upscale", &[("kind", "fast")]),
    ("upscale, live", "upscale", &[("kind", "live")]),
    (
        "upscale, live, medium",
        "upscale",
        &[("kind", "live"), ("effort", "medium")],
    ),
    (
        "upscale, live, high",
        "upscale",
        &[("kind", "live"), ("effort", "high")],
    ),
    ("upscale, anime", "upscale", &[("kind", "anime")]),
    ("upscale, pixel", "upscale", &[("kind", "pixel")]),
];
const SIZE: (u32, u32) = (1920, 1080);

/// One entry point of a step.
struct Row {
    /// Or the building block.
    style: String,
    step: String,
    entry: String,
    /// Invocations of a frame.
    invocations: u64,
    /// How often each of its loops runs.
    trips: Vec<f64>,
    wgsl: String,
}

/// The plan of a style.
fn planned(library: &Library, style: &str, set: &[(&str, &str)]) -> Plan {
    let format = yuv420(8);
    let color = Color::default();
    let source = Source {
        width: SIZE.0,
        height: SIZE.1,
        coded: Some((format, Coding::resolve(&color, &format, SIZE.0, SIZE.1))),
        time_base: Rational::new(1, 25),
        rate: Rational::new(25, 1),
        start: 0,
        interlaced: Default::default(),
    };
    let request = OutputRequest {
        chain: vec![styled(library, style, set, 1.0)],
        format,
        color,
        temporal: ADAPTIVE,
    };
    plan(library, &source, &[request], PlanOptions::default()).unwrap()
}

/// Every entry point of the styles, and of the building blocks.
fn rows(library: &Library) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, style, set) in STYLES {
        rows.extend(rows_of(library, (style, set), name, ""));
    }
    for block in library.folders() {
        if !block.starts_with("common/") && !block.starts_with("temporal/") {
            continue;
        }
        let Some(files) = block_styles::files(block) else {
            continue;
        };
        let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
        let (_folder, library) = with_own(block_styles::STYLE, &files);
        let found = rows_of(
            &library,
            (block_styles::STYLE, &[]),
            block,
            block_styles::LABEL,
        );
        rows.extend(found);
    }
    rows
}

/// Those of `style` whose labels begin with `label`, told as those of `name`.
fn rows_of(
    library: &Library,
    (style, set): (&str, &[(&str, &str)]),
    name: &str,
    label: &str,
) -> Vec<Row> {
    let plan = planned(library, style, set);
    let mut rows = Vec::new();
    let steps = plan.steps.iter();
    for step in steps.filter(|step| plan.step_label(step).starts_with(label)) {
        let shader = generate_with(library, &plan, step, ParamsAs::Constants).unwrap();
        let entries = shader.entries.iter().zip(&shader.grids);
        for (index, (entry, (columns, rows_of_grid))) in entries.enumerate() {
            rows.push(Row {
                style: name.to_owned(),
                step: shader.label.clone(),
                entry: entry.clone(),
                invocations: u64::from(*columns) * u64::from(*rows_of_grid),
                trips: trips::of(&plan, step, index),
                wgsl: shader.wgsl.clone(),
            });
        }
    }
    rows
}

/// What is given to the driver: the words of an entry point, and its bindings.
type Translated = (Vec<u32>, Vec<(u32, u32, DescriptorType)>);

/// As wgpu translates the modules that it trusts.
fn translated(wgsl: &str, entry: &str) -> Translated {
    let module = naga::front::wgsl::parse_str(wgsl).unwrap();
    let flags = naga::valid::ValidationFlags::all();
    let info = naga::valid::Validator::new(flags, aquatint::graph::gpu::CAPABILITIES)
        .validate(&module)
        .unwrap();
    let options = spv::Options {
        lang_version: (1, 5),
        flags: spv::WriterFlags::empty(),
        bounds_check_policies: naga::proc::BoundsCheckPolicies {
            index: naga::proc::BoundsCheckPolicy::Unchecked,
            ..Default::default()
        },
        zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
        force_loop_bounding: false,
        emit_int_div_checks: false,
        ..Default::default()
    };
    let pipeline = spv::PipelineOptions {
        shader_stage: naga::ShaderStage::Compute,
        entry_point: entry.to_owned(),
    };
    let words = spv::write_vec(&module, &info, &options, Some(&pipeline)).unwrap();
    let bindings = module.global_variables.iter().filter_map(|(_, variable)| {
        let place = variable.binding.as_ref()?;
        let kind = match (variable.space, &module.types[variable.ty].inner) {
            (naga::AddressSpace::Uniform, _) => DescriptorType::UNIFORM_BUFFER,
            (naga::AddressSpace::Storage { .. }, _) => DescriptorType::STORAGE_BUFFER,
            (
                _,
                naga::TypeInner::Image {
                    class: naga::ImageClass::Storage { .. },
                    ..
                },
            ) => DescriptorType::STORAGE_IMAGE,
            _ => DescriptorType::SAMPLED_IMAGE,
        };
        Some((place.group, place.binding, kind))
    });
    (words, bindings.collect())
}

/// The table of one family, in a process of its own: the driver reads the name of the family when it is loaded.
fn of_family(family: &str) -> Option<(String, Vec<String>)> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "shader_stats::one_family",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env("RADV_FORCE_FAMILY", family)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    if said.contains("no RADV") {
        return None;
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{family}: {said}{errors}");
    let lines = said.lines().filter_map(|line| line.strip_prefix("| "));
    let mut lines = lines.map(str::to_owned);
    Some((lines.next()?, lines.collect()))
}

#[test]
#[ignore = "run by the test below, in a process for each family"]
fn one_family() {
    let radv = match Radv::open() {
        Ok(radv) => radv,
        Err(error) => {
            println!("no RADV: {error}");
            return;
        }
    };
    println!("\n| {}", radv.mesa);
    let pixels = f64::from(SIZE.0) * f64::from(SIZE.1);
    let (mut style, mut sum, mut costs) = (String::new(), 0.0, 0.0);
    let mut told = BTreeSet::new();
    // All of them are told at once.
    let mut unknown = BTreeSet::new();
    let total = |style: &str, sum: f64, cost: f64| {
        println!(
            "| {style:10} {:44} {sum:9.1} {:24} {cost:10.1}",
            "all dispatches", ""
        );
    };
    for row in rows(&Library::built_in()) {
        if style != row.style && !style.is_empty() {
            total(&style, sum, costs);
            (sum, costs) = (0.0, 0.0);
            told.clear();
        }
        style.clone_from(&row.style);
        let (words, bindings) = translated(&row.wgsl, &row.entry);
        let compiled = radv.compile(&words, &row.entry, &bindings).unwrap();
        if let Some(folder) = std::env::var_os("SHADER_STATS_DUMP") {
            let name = format!("{}_{}_{}", row.style, row.step, row.entry).replace('/', "-");
            let file = Path::new(&folder).join(name);
            std::fs::write(file.with_extension("wgsl"), &row.wgsl).unwrap();
            std::fs::write(file.with_extension("s"), &compiled.assembly).unwrap();
        }
        let (each, loops) = assembly::instructions(&compiled.assembly, &row.trips);
        let share = row.invocations as f64 / pixels;
        sum += each * share;
        costs += compiled.cost as f64 * share;
        let name = format!("{} {}", row.step, row.entry);
        // One of the compilers unrolls the layers of twelve channels, and the other does not.
        let unrolled = loops == 0 && row.step == "upscale/enlarged/features";
        if !unrolled && loops != row.trips.len() {
            let said = row.trips.len();
            unknown.insert(format!(
                "{style}, {name}: {loops} loops are compiled, and trips.rs says how often {said} run"
            ));
        }
        if told.insert((name.clone(), row.wgsl.len())) {
            println!(
                "| {style:10} {name:44} {:9.1} {each:8.0} {:4} {:5} {:5} {:10.1}",
                each * share,
                compiled.vgprs,
                compiled.lds,
                compiled.scratch,
                compiled.cost as f64 * share,
            );
        }
    }
    total(&style, sum, costs);
    let unknown: Vec<String> = unknown.into_iter().collect();
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

/// Where the table for a version of Mesa lies.
fn expected(mesa: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels-tests/expected");
    folder.join(format!("shader_stats_mesa_{mesa}.txt"))
}

#[test]
fn no_kernel_has_become_more_expensive_unseen() {
    let mut text = String::new();
    let mut version = String::new();
    for family in FAMILIES {
        let Some((mesa, lines)) = of_family(family) else {
            skip(
                "RADV, which compiles for GPUs that are not there",
                "install mesa-vulkan-drivers",
            );
            return;
        };
        version = mesa;
        let _ = writeln!(
            text,
            "{family}\n{:10} {:44} {:>9} {:>8} {:>4} {:>5} {:>5} {:>10}",
            "style", "dispatch", "a pixel", "instr.", "VGPR", "LDS", "scr.", "cost"
        );
        for line in lines {
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text.push('\n');
    }
    if std::env::var_os("SHADER_STATS").is_some() {
        println!("{text}");
    }
    let file = expected(&version);
    if std::env::var_os("UPDATE_SHADER_STATS").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    // Other versions of Mesa compile otherwise: there is nothing to compare with.
    let Ok(kept) = std::fs::read_to_string(&file) else {
        say(&format!(
            "not compared: there is no table for Mesa {version}; UPDATE_SHADER_STATS=1 make shader-stats makes one"
        ));
        return;
    };
    assert!(
        kept == text,
        "shaders cost something else than {} says: look at what changed with SHADER_STATS=1, and keep it with UPDATE_SHADER_STATS=1\n{text}",
        file.display()
    );
}
