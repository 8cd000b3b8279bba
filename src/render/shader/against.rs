//! Compares two styles, or two versions of one: their pictures of the scenes, their texts, and what they cost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::super::device::Choice;
use super::super::error::{RenderError, Result};
use super::check::planned;
use super::fourth::{fourth_frame, takes_a_picture};
use super::scenes::{self, SCENES, codes};
use crate::frame::Picture;
use crate::graph::cpu::CpuExecutor;
use crate::graph::gpu::{GpuPool, Wanted};
use crate::graph::plan::{Plan, StyleUse, stats};
use crate::graph::style::{Library, Style};

/// Size of the frames that costs are told of.
pub const COSTS_AT: (u32, u32) = (1920, 1080);

/// The folder of the kernels between planes and images.
const IO: &str = "io/";

/// One of two styles.
#[derive(Debug)]
pub struct Side {
    /// As the user named it.
    pub given: String,
    library: Library,
    style: Arc<Style>,
}

impl Side {
    /// The style `given`: the folder or archive of one, or the name of a style of `library`, which also has the styles that
    /// it may use. A folder that happens to have the name of a style, and holds none, does not hide it.
    ///
    /// # Errors
    /// `Usage` where there is neither, or a folder of several styles; those of reading the style.
    pub fn find(mut library: Library, given: &Path) -> Result<Self> {
        let words = given.to_string_lossy().into_owned();
        let is_style = given.is_file() || given.join("style.toml").is_file();
        let is_name = !is_style && library.folders().any(|folder| folder == words);
        let name = match is_name {
            true => words.clone(),
            false => {
                let mut alone = Library::built_in();
                alone.add_path(given)?;
                library.add_path(given)?;
                only_style(&alone, &words)?
            }
        };
        let style = library.load(&name)?;
        takes_a_picture(&style)?;
        Ok(Self {
            given: words,
            library,
            style,
        })
    }

    fn look(&self) -> StyleUse {
        StyleUse::new(self.style.clone())
    }

    fn plan(&self) -> Result<Plan> {
        Ok(scenes::plan_of(&self.library, self.look())?)
    }

    /// Its texts: those of its folder, and all kernels that run at its defaults, with the modules they import. Each by a
    /// name that does not depend on that of the folder, with its path in the library. What reads planes and makes planes is
    /// of no style.
    fn texts(&self, plan: &Plan) -> BTreeMap<String, String> {
        let kernels = plan.steps.iter().flat_map(|step| plan.step_kernels(step));
        let run = self
            .library
            .linked(kernels.map(|kernel| kernel.path.as_str()));
        let run = run.keys().map(String::as_str);
        let run = run.filter(|path| !path.starts_with(IO));
        let own = self.library.kernels_of(&self.style.name).into_iter();
        let paths: BTreeSet<&str> = own.chain(run).collect();
        let inside = format!("{}/", self.style.name);
        let named = paths.into_iter().map(|path| {
            let name = path.strip_prefix(&inside).unwrap_or(path);
            (name.to_owned(), path.to_owned())
        });
        named.collect()
    }

    fn cost(&self) -> Result<Cost> {
        let plan = planned(&self.library, self.look(), COSTS_AT)?;
        let steps = stats(&plan);
        Ok(Cost {
            dispatches: steps.iter().map(|step| step.dispatches).sum(),
            read: steps.iter().map(|step| step.read).sum(),
            written: steps.iter().map(|step| step.written).sum(),
        })
    }
}

/// The one style in a folder; its building blocks are none.
fn only_style(library: &Library, given: &str) -> Result<String> {
    let styles = library.own_folders().filter(|name| !name.contains('/'));
    let styles: Vec<&str> = styles.collect();
    match styles[..] {
        [style] => Ok(style.to_owned()),
        _ => Err(RenderError::usage(
            format!("{given} holds {} styles", styles.len()),
            format!("name the folder of one: {}", styles.join(", ")),
        )),
    }
}

/// What a style costs for a frame of [`COSTS_AT`], as far as its plan tells: dispatches, and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub dispatches: usize,
    pub read: usize,
    pub written: usize,
}

/// How two pictures differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Apart {
    Same,
    /// In their samples of 8 bits.
    By {
        largest: u8,
        /// In dB.
        psnr: f64,
        /// Of all samples, 0 to 1, those that differ.
        share: f64,
    },
    /// They have other sizes.
    Sizes([(u32, u32); 2]),
}

/// What came of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What rendered both.
    pub device: String,
    /// Of each scene.
    pub scenes: Vec<(&'static str, Apart)>,
    /// Names of the texts that both have, and that differ in more than comments.
    pub changed: Vec<String>,
    /// Of each side, the kernels and modules that the other has not.
    pub only: [Vec<String>; 2],
    pub costs: [Cost; 2],
}

impl Comparison {
    /// Whether any picture differs.
    pub fn differs(&self) -> bool {
        self.scenes.iter().any(|(_, apart)| *apart != Apart::Same)
    }
}

/// Compares two styles at the defaults of their parameters. Without a device, the processor renders both where it can, and
/// else the graphics adapter there is. `warn` is told of the choice of the device.
///
/// # Errors
/// Those of planning, of the device and of rendering.
pub fn compare(
    sides: [&Side; 2],
    device: Option<&Wanted>,
    warn: &mut dyn FnMut(&str),
) -> Result<Comparison> {
    let plans = [sides[0].plan()?, sides[1].plan()?];
    // Both on one device, so the one that the processor cannot render decides.
    let needs_gpu = |plan: &&Plan| !CpuExecutor::missing_twins(plan).is_empty();
    let hardest = plans.iter().find(needs_gpu);
    let wanted = match (device, hardest) {
        (Some(device), _) => device.clone(),
        (None, Some(_)) => Wanted::Auto,
        (None, None) => Wanted::Cpu,
    };
    let (choice, warning) = Choice::of(&wanted, hardest.unwrap_or(&plans[0]), &GpuPool::default())?;
    if let Some(warning) = warning {
        warn(&warning);
    }
    let mut of_scenes = Vec::new();
    for scene in SCENES {
        let frame =
            |side: usize| fourth_frame(&sides[side].library, plans[side].clone(), scene, &choice);
        of_scenes.push((scene.0, apart(&frame(0)?, &frame(1)?)));
    }
    let (changed, only) = texts_apart(sides, &plans);
    Ok(Comparison {
        device: choice.to_string(),
        scenes: of_scenes,
        changed,
        only,
        costs: [sides[0].cost()?, sides[1].cost()?],
    })
}

/// The texts that differ, and those that one side alone has.
fn texts_apart([a, b]: [&Side; 2], plans: &[Plan; 2]) -> (Vec<String>, [Vec<String>; 2]) {
    let (of_a, of_b) = (a.texts(&plans[0]), b.texts(&plans[1]));
    let mut changed = Vec::new();
    let manifest = |side: &Side| {
        let manifest = side.library.manifest(&side.style.name);
        manifest.map(|(text, _)| text.to_owned())
    };
    if manifest(a) != manifest(b) {
        changed.push("style.toml".to_owned());
    }
    for (name, path) in &of_a {
        if let Some(other) = of_b.get(name)
            && !a.library.has_text_of(path, &b.library, other)
        {
            changed.push(format!("{name}.wgsl"));
        }
    }
    let without = |these: &BTreeMap<String, String>, those: &BTreeMap<String, String>| {
        let alone = these.keys().filter(|name| !those.contains_key(*name));
        alone.map(|name| format!("{name}.wgsl")).collect()
    };
    (changed, [without(&of_a, &of_b), without(&of_b, &of_a)])
}

fn apart(a: &Picture, b: &Picture) -> Apart {
    let sizes = [(a.width, a.height), (b.width, b.height)];
    if sizes[0] != sizes[1] {
        return Apart::Sizes(sizes);
    }
    let (mut largest, mut squares, mut differ, mut all) = (0, 0u64, 0u64, 0u64);
    for (a, b) in codes(a).zip(codes(b)) {
        let apart = a.abs_diff(b);
        largest = largest.max(apart);
        squares += u64::from(apart) * u64::from(apart);
        differ += u64::from(apart > 0);
        all += 1;
    }
    if largest == 0 {
        return Apart::Same;
    }
    Apart::By {
        largest,
        psnr: 10.0 * (255.0 * 255.0 * all as f64 / squares as f64).log10(),
        share: differ as f64 / all as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::shader::new_style;

    fn side(given: &Path) -> Side {
        Side::find(Library::built_in(), given).unwrap()
    }

    fn compared(a: &Path, b: &Path) -> Comparison {
        let (a, b) = (side(a), side(b));
        compare([&a, &b], None, &mut |words| panic!("{words}")).unwrap()
    }

    #[test]
    fn differences_of_pictures_are_numbers() {
        let gray = scenes::picture((10, 10), &[100; 300]);
        assert_eq!(apart(&gray, &gray), Apart::Same);
        let mut bytes = [100; 300];
        bytes[..3].copy_from_slice(&[110, 100, 90]);
        let Apart::By {
            largest,
            psnr,
            share,
        } = apart(&gray, &scenes::picture((10, 10), &bytes))
        else {
            panic!("they differ");
        };
        assert_eq!((largest, share), (10, 2.0 / 300.0));
        // Squares of 10, twice, over 300 samples.
        assert!((psnr - 49.892).abs() < 0.001, "{psnr}");
        let turned = scenes::picture((5, 20), &[100; 300]);
        assert_eq!(apart(&gray, &turned), Apart::Sizes([(10, 10), (5, 20)]));
    }

    #[test]
    fn two_versions_of_a_style_are_compared_on_the_processor() {
        let folder = tempfile::tempdir().unwrap();
        let make = |parent: &str| {
            let made = new_style("soft", "blur", &folder.path().join(parent));
            made.unwrap().folder
        };
        let (old, new) = (make("old"), make("new"));
        let same = compared(&old, &new);
        assert_eq!(same.device, "the processor");
        assert!(!same.differs(), "{same:?}");
        assert_eq!((same.changed.len(), same.costs[0]), (0, same.costs[1]));
        // A comment is no difference; a default is one of the manifest.
        let edit = |file: &str, from: &str, to: &str| {
            let text = std::fs::read_to_string(new.join(file)).unwrap();
            assert!(text.contains(from), "{text}");
            std::fs::write(new.join(file), text.replace(from, to)).unwrap();
        };
        edit("blend.wgsl", "fn pixel", "// Softer.\nfn pixel");
        edit("style.toml", "default = 16.0", "default = 60.0");
        let other = compared(&old, &new);
        assert!(other.differs(), "{other:?}");
        assert_eq!(other.changed, ["style.toml"]);
        // A wider blur works on a smaller picture.
        assert_ne!(other.costs[0], other.costs[1]);
    }

    #[test]
    fn a_style_is_compared_with_a_built_in_one() {
        let all = compared(Path::new("identity"), Path::new("pencil"));
        assert!(all.differs());
        assert_eq!(all.only[0], ["copy.wgsl"]);
        assert!(all.only[1].contains(&"dodge.wgsl".to_owned()), "{all:?}");
        let folder = tempfile::tempdir().unwrap();
        for name in ["one", "two"] {
            new_style(name, "pixel", folder.path()).unwrap();
        }
        let several = Side::find(Library::built_in(), folder.path()).unwrap_err();
        assert!(several.advice().contains("one, two"), "{several}");
        let none = Side::find(Library::built_in(), Path::new("pencli")).unwrap_err();
        assert!(none.to_string().contains("cannot read pencli"), "{none}");
        // Also beside a folder of that name with anything else in it, as `aquatint demo` makes one.
        let scene = Side::find(Library::built_in(), Path::new("demo")).unwrap_err();
        assert!(scene.to_string().contains("takes no picture"), "{scene}");
    }
}
