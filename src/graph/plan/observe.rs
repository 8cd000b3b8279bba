//! Decides which facts about the source's frames must be measured.

use super::{Library, Observed, Operand, Plan};
use crate::frame::Observes;
use crate::graph::style::Kernel;

/// The facts that a plan needs: those that its nodes, the packs of its outputs, or modules they import, read. If there
/// are any, every frame is measured, in order. Histories need scene cuts because they are emptied when a scene begins;
/// windows need them because they end there.
pub(super) fn observed(library: &Library, plan: &Plan) -> Observed {
    let kernels = library.linked(plan.kernel_paths());
    let needs = |what| {
        kernels
            .values()
            .any(|source| Kernel::observes(source, what))
    };
    let ends_at_cuts = plan.nodes.iter().filter(|node| !node.across_cuts);
    let mut inputs = ends_at_cuts.flat_map(|node| &node.inputs);
    let windows = inputs.any(|(_, operand)| matches!(operand, Operand::Window(..)));
    Observed {
        cuts: windows
            || !plan.histories.is_empty()
            || needs(Observes::Cuts)
            || needs(Observes::Scene),
        noise: needs(Observes::Noise),
        scene: needs(Observes::Scene),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{OutputRequest, PlanOptions, Source, StyleUse, Temporal, plan};
    use super::*;
    use crate::color::{Coding, Color};
    use crate::frame::{Model, PixelFormat, Subsampling};

    /// The plan of outputs, each of one style.
    fn plan_of(library: &Library, styles: &[&str], temporal: Temporal) -> Plan {
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
        let color = Color::default();
        let (width, height) = (64, 48);
        let coding = Coding::resolve(&color, &format, width, height);
        let source = Source {
            width,
            height,
            coded: Some((format, coding)),
            time_base: crate::frame::Rational::new(1, 25),
            rate: crate::frame::Rational::new(25, 1),
            start: 0,
            interlaced: Default::default(),
        };
        let request = |name: &&str| {
            let style = library.load(name).unwrap();
            OutputRequest {
                chain: vec![StyleUse::new(style)],
                format,
                color,
                temporal,
            }
        };
        let requests: Vec<_> = styles.iter().map(request).collect();
        plan(library, &source, &requests, PlanOptions::default()).unwrap()
    }

    #[test]
    fn only_what_asks_for_it_is_observed() {
        let library = Library::built_in();
        let observed =
            |styles: &[&str], temporal| plan_of(&library, styles, temporal).observed.any();
        let (off, on) = (Temporal::Off, Temporal::Ema { alpha: 0.3 });
        for still in ["pencil", "comic", "cinematic", "identity"] {
            assert!(!observed(&[still], off), "{still}");
        }
        assert!(observed(&["pencil"], on) && observed(&["identity", "pencil"], on));
        // Its palette follows the scene.
        assert!(observed(&["cartoon"], off) && observed(&["pencil", "cartoon"], off));
    }

    #[test]
    fn words_of_kernels_and_of_what_they_import_count() {
        const NOTHING: Observed = Observed {
            cuts: false,
            noise: false,
            scene: false,
        };
        const CUTS: Observed = Observed {
            cuts: true,
            ..NOTHING
        };
        const NOISE: Observed = Observed {
            noise: true,
            ..NOTHING
        };
        const SCENE: Observed = Observed {
            cuts: true,
            scene: true,
            ..NOTHING
        };
        const HEAD: &str = "summary = \"s\"\n[[pass]]\nkernel = \"k\"\nin = { image = \"source\" }\nout = \"result\"\n";
        let imports = "import package::mine::far::shade;\nfn pixel(at: vec2i) -> vec4f { return image_here() * shade(); }";
        for (kernel, far, expected) in [
            (
                "fn pixel(at: vec2i) -> vec4f { return image_here() * package::engine::facts.noise_level; }",
                "",
                NOISE,
            ),
            (
                "import package::engine::facts;\nfn pixel(at: vec2i) -> vec4f { let f = facts; return image_here() * f32(f.cut); }",
                "",
                CUTS,
            ),
            (
                imports,
                "fn shade() -> f32 { return f32(package::engine::facts . history_valid); }",
                CUTS,
            ),
            (
                "fn pixel(at: vec2i) -> vec4f { return image_here() * f32(package::engine::facts.age); }",
                "",
                SCENE,
            ),
            (
                imports,
                "// facts.cut\nfn shade() -> f32 { let cut = package::engine::facts.time; return cut; }",
                NOTHING,
            ),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("mine");
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("style.toml"), HEAD).unwrap();
            std::fs::write(folder.join("k.wgsl"), kernel).unwrap();
            std::fs::write(folder.join("far.wgsl"), far).unwrap();
            let mut library = Library::built_in();
            library.add_path(dir.path()).unwrap();
            let plan = plan_of(&library, &["mine"], Temporal::Off);
            assert_eq!(plan.observed, expected, "{kernel} {far}");
            // An average of all frames before has no end, a cut has.
            let endless = expected.noise || expected.scene;
            assert_eq!(plan.timing().before, (!endless).then_some(0));
        }
    }
}
