use super::*;
use crate::color::{Coding, Color};
use crate::frame::{Model, PixelFormat, Subsampling};
use crate::graph::plan::{OutputRequest, PlanOptions, Source, StyleUse, Temporal, plan};
use crate::graph::style::{StyleError, Values};

/// Shaders of every folder that is a style or a generator, for one source format.
fn shaders(format: PixelFormat, strength: f64, flags: &str) -> Vec<Shader> {
    let library = Library::built_in();
    let coding = Coding::resolve(&Color::default(), &format, 640, 360);
    let source = Source {
        width: 640,
        height: 360,
        coded: Some((format, coding)),
        time_base: crate::frame::Rational::new(1, 25),
    };
    let mut shaders = Vec::new();
    for name in library.folders().filter(|name| !name.contains('/')) {
        let style = library.load(name).unwrap();
        let mut values = Values::defaults(&style.params);
        for param in &style.params {
            // Flags on, so that the passes behind them are seen too.
            let _ = values.set(name, &style.params, &param.name, flags);
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
                temporal: Temporal::Adaptive { alpha: 0.3 },
            };
            plan(&library, &source, &[request], PlanOptions::default())
        };
        let plan = match planned(strength) {
            // A style that changes the size of pictures cannot be mixed with them.
            Err(StyleError::MixedSizes { .. }) => planned(1.0),
            plan => plan,
        };
        let plan = plan.unwrap();
        shaders.extend(
            plan.steps
                .iter()
                .map(|step| generate(&library, &plan, step).unwrap()),
        );
    }
    shaders
}

#[test]
fn every_built_in_shader_links_and_validates() {
    let planar = PixelFormat::planar;
    for format in [
        planar(Model::Yuv, Subsampling::S420, 8, false),
        planar(Model::Yuv, Subsampling::S422, 10, true),
        planar(Model::Gray, Subsampling::S444, 16, false),
        planar(Model::Rgb, Subsampling::S444, 12, true),
        PixelFormat::packed_rgb(8, 3, &[2, 1, 0]),
    ] {
        for strength in [0.0, 0.5, 1.0] {
            for flags in ["false", "true"] {
                assert!(shaders(format, strength, flags).len() >= 2);
            }
        }
    }
}

#[test]
fn mistakes_in_a_kernel_show_their_place() {
    let dir = tempfile::tempdir().unwrap();
    let manifest =
        "summary = 's'\n[[pass]]\nkernel = 'k'\nin = { source = 'source' }\nout = 'result'";
    std::fs::write(dir.path().join("style.toml"), manifest).unwrap();
    for (kernel, part) in [
        (
            "fn pixel(at: vec2i) -> vec4f { return source_here() + colour; }",
            "colour",
        ),
        (
            "fn pixel(at: vec2i) -> vec4f { return source_here().rgb; }",
            "return",
        ),
        (
            "import package::common::nope::f;\nfn pixel(at: vec2i) -> vec4f { return f(source_here()); }",
            "nope",
        ),
    ] {
        std::fs::write(dir.path().join("k.wgsl"), kernel).unwrap();
        let mut library = Library::built_in();
        library.add_path(dir.path()).unwrap();
        let name = dir
            .path()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let style = library.load(&name).unwrap();
        let values = Values::defaults(&style.params);
        let format = PixelFormat::planar(Model::Rgb, Subsampling::S444, 8, false);
        let coding = Coding::resolve(&Color::default(), &format, 8, 8);
        let source = Source {
            width: 8,
            height: 8,
            coded: Some((format, coding)),
            time_base: crate::frame::Rational::new(1, 25),
        };
        let chain = vec![StyleUse {
            style,
            values,
            strength: 1.0,
            target: None,
            rate: None,
        }];
        let request = OutputRequest {
            chain,
            format,
            color: Color::default(),
            temporal: Temporal::Off,
        };
        let plan = plan(&library, &source, &[request], PlanOptions::default()).unwrap();
        let error = plan
            .steps
            .iter()
            .find_map(|step| generate(&library, &plan, step).err())
            .unwrap();
        assert!(
            error.to_string().contains(part),
            "{error} should contain {part}"
        );
    }
}
