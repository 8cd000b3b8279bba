//! Every shader that the built-in styles lead to, through the compilers between WGSL and a driver: naga's writers for
//! Vulkan, Metal and Direct3D here, and Tint in a browser (`webgpu`).

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};

use aquatint::color::{Coding, Color};
use aquatint::frame::{Model, PixelFormat, Rational, Subsampling};
use aquatint::graph::gpu::CAPABILITIES;
use aquatint::graph::gpu::shader::{ParamsAs, Shader, generate_with};
use aquatint::graph::plan::{
    OutputRequest, Plan, PlanOptions, Source, Step, StyleUse, Target, Temporal, plan,
};
use aquatint::graph::style::{Library, ParamKind, StyleError, Values};
use naga::back::{hlsl, msl, spv};
use rayon::prelude::*;

use crate::models::AnyModel;
use crate::skip::skip;
use crate::temporal::{ADAPTIVE, FLOW};

/// The values of a folder's parameters that a case sets.
#[derive(Clone)]
enum Set {
    /// All flags, so that the passes behind them are seen too.
    Flags(bool),
    /// A parameter to one of its choices.
    Choice(String, String),
}

/// The plan of a folder of the library for one source format; `None` where a choice is refused.
fn planned(
    library: &Library,
    name: &str,
    format: PixelFormat,
    strength: f64,
    set: &Set,
    temporal: Temporal,
) -> Option<Plan> {
    let coding = Coding::resolve(&Color::default(), &format, 640, 360);
    let source = Source {
        width: 640,
        height: 360,
        coded: Some((format, coding)),
        time_base: Rational::new(1, 25),
        rate: Rational::new(25, 1),
        start: 0,
        interlaced: Default::default(),
    };
    let style = library.load(name).unwrap();
    let mut values = Values::defaults(&style.params);
    match set {
        Set::Flags(on) => {
            for param in &style.params {
                let _ = values.set(name, &style.params, &param.name, &on.to_string());
            }
        }
        Set::Choice(param, choice) => values.set(name, &style.params, param, choice).unwrap(),
    }
    let planned = |strength| {
        let request = OutputRequest {
            chain: vec![StyleUse {
                style: style.clone(),
                values: values.clone(),
                strength,
                target: None,
                rate: None,
            }],
            format,
            color: Color::default(),
            temporal,
        };
        plan(library, &source, &[request], PlanOptions::default())
    };
    let plan = match planned(strength) {
        // A style that changes the size of pictures cannot be mixed with them.
        Err(StyleError::MixedSizes { .. }) => planned(1.0),
        plan => plan,
    };
    match plan {
        // A choice that needs a model which is not given.
        Err(StyleError::Refused { .. }) if matches!(set, Set::Choice(..)) => None,
        plan => Some(plan.unwrap()),
    }
}

/// The shaders of every folder that is a style or a generator, for formats of all kinds: of renders and of live sessions,
/// with tiles and without. Each text once.
pub fn shaders() -> &'static [Shader] {
    static SHADERS: LazyLock<Vec<Shader>> = LazyLock::new(distinct);
    &SHADERS
}

fn distinct() -> Vec<Shader> {
    let library = Library::built_in().with_models(Arc::new(AnyModel));
    let planar = PixelFormat::planar;
    let formats = [
        planar(Model::Yuv, Subsampling::S420, 8, false),
        planar(Model::Yuv, Subsampling::S422, 10, true),
        planar(Model::Gray, Subsampling::S444, 16, false),
        planar(Model::Rgb, Subsampling::S444, 12, true),
        PixelFormat::packed_rgb(8, 3, &[2, 1, 0]),
    ];
    let folders = library.folders().filter(|name| !name.contains('/'));
    let folders: Vec<&str> = folders.collect();
    let mut cases = Vec::new();
    for format in formats {
        for name in &folders {
            for strength in [0.0, 0.5, 1.0] {
                for on in [false, true] {
                    cases.push((*name, format, strength, Set::Flags(on), ADAPTIVE));
                }
            }
            cases.push((*name, format, 1.0, Set::Flags(false), FLOW));
        }
    }
    for name in &folders {
        for param in &library.load(name).unwrap().params {
            let ParamKind::Choice { choices, .. } = &param.kind else {
                continue;
            };
            for choice in choices {
                let set = Set::Choice(param.name.clone(), choice.clone());
                cases.push((*name, formats[0], 1.0, set, ADAPTIVE));
            }
        }
    }
    type Case<'a> = (&'a str, PixelFormat, f64, Set, Temporal);
    let of_case = |(name, format, strength, set, temporal): Case<'_>| {
        let Some(tiled) = planned(&library, name, format, strength, &set, temporal) else {
            return Vec::new();
        };
        let direct = tiled.clone().without_tiles();
        let generate =
            |plan: &Plan, step: &Step, params| generate_with(&library, plan, step, params).unwrap();
        let mut made = Vec::new();
        for (step, without) in tiled.steps.iter().zip(&direct.steps) {
            // Code outside the graph has no shader.
            if let Target::Image { node, .. } = step.target
                && tiled.nodes[node].is_external()
            {
                continue;
            }
            made.push(generate(&tiled, step, ParamsAs::Constants));
            // Others have the same text without tiles.
            if !tiled.tiles_of(step).is_empty() {
                made.push(generate(&direct, without, ParamsAs::Constants));
            }
            made.push(generate(&direct, without, ParamsAs::Uniforms));
        }
        assert!(made.len() >= 2, "{name}");
        made
    };
    let all: Vec<Vec<Shader>> = cases.into_par_iter().map(of_case).collect();
    let mut distinct = BTreeMap::new();
    for shader in all.into_iter().flatten() {
        distinct.entry(shader.wgsl.clone()).or_insert(shader);
    }
    distinct.into_values().collect()
}

/// The text of a shader in the languages of drivers, as wgpu asks for it.
fn translated(shader: &Shader) -> Result<Vec<u32>, String> {
    let module = naga::front::wgsl::parse_str(&shader.wgsl);
    let module = module.map_err(|error| error.emit_to_string(&shader.wgsl))?;
    let flags = naga::valid::ValidationFlags::all();
    let info = naga::valid::Validator::new(flags, CAPABILITIES)
        .validate(&module)
        .map_err(|error| error.emit_to_string(&shader.wgsl))?;
    let options = msl::Options {
        lang_version: (2, 4),
        ..Default::default()
    };
    msl::write_string(&module, &info, &options, &Default::default())
        .map_err(|error| format!("Metal: {error}"))?;
    // What FXC takes, and what DXC takes.
    for shader_model in [hlsl::ShaderModel::V5_1, hlsl::ShaderModel::V6_0] {
        let options = hlsl::Options {
            shader_model,
            ..Default::default()
        };
        let mut text = String::new();
        hlsl::Writer::new(&mut text, &options, &Default::default())
            .write(&module, &info, None)
            .map_err(|error| format!("Direct3D: {error}"))?;
    }
    let options = spv::Options {
        lang_version: (1, 5),
        zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
        force_loop_bounding: false,
        emit_int_div_checks: false,
        ..Default::default()
    };
    spv::write_vec(&module, &info, &options, None).map_err(|error| format!("Vulkan: {error}"))
}

/// What Khronos' validator says of a module.
fn checked(words: &[u32]) -> Result<(), String> {
    let mut child = Command::new("spirv-val")
        .args(["--target-env", "vulkan1.2", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    // It stops to read at the first fault.
    let _ = child.stdin.take().unwrap().write_all(&bytes);
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("spirv-val: {}", String::from_utf8_lossy(&said))),
    }
}

/// Whether Khronos' validator is there.
fn can_check() -> bool {
    let version = Command::new("spirv-val").arg("--version").output();
    let there = version.is_ok_and(|output| output.status.success());
    if !there {
        skip("spirv-val", "install spirv-tools");
    }
    there
}

#[test]
fn every_built_in_shader_is_translated_for_vulkan_metal_and_direct3d() {
    let shaders = shaders();
    assert!(shaders.len() > 100, "{} texts", shaders.len());
    let check = can_check();
    let faults = shaders.par_iter().filter_map(|shader| {
        let made = translated(shader).and_then(|words| match check {
            true => checked(&words),
            false => Ok(()),
        });
        Some(format!("{}: {}", shader.label, made.err()?))
    });
    let faults: Vec<String> = faults.collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_shader_that_no_driver_takes_is_seen() {
    let mut shader = shaders()[0].clone();
    let mut words = translated(&shader).unwrap();
    if can_check() {
        // The number of a type that is not there, in the last instruction but one.
        assert_eq!(checked(&words), Ok(()));
        let last = words.len() - 3;
        words[last] = 0xffff;
        assert!(checked(&words).is_err());
    }
    shader.wgsl.push_str("fn wrong() -> f32 { return 1u; }");
    assert!(translated(&shader).is_err());
}
