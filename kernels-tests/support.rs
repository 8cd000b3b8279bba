//! Pictures to test with, executors to run them on, and how to compare what comes out.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use aquatint::color::{Color, Range};
use aquatint::frame::{Facts, Model, OwnedPlanes, Picture, PixelFormat, Span, Subsampling};
use aquatint::graph::cpu::CpuExecutor;
use aquatint::graph::gpu::{
    AdapterFacts, GpuContext, GpuExecutor, GpuOptions, Wanted, adapters, select,
};
use aquatint::graph::plan::{
    AlphaSource, OutputRequest, Pack, Plan, PlanOptions, Source, StyleUse, Temporal, plan,
};
use aquatint::graph::style::{Kernel, Library, Values};
use aquatint::graph::{Executor, Instant, Output, ResourceData, Submission};
use aquatint::reference::common::hash::pcg3d;

#[cfg(feature = "video")]
pub use crate::skip::media;
use crate::webgpu::Recorder;

/// The folder with the files that tests read: the source tree that they were built in, or, where they run on another
/// machine, the one that `AQUATINT_SOURCE` names.
pub fn source_tree() -> PathBuf {
    let elsewhere = std::env::var_os("AQUATINT_SOURCE").map(PathBuf::from);
    elsewhere.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into())
}

/// Deterministic noise: a linear congruential generator (Knuth, TAOCP 2, 3.3.4).
pub struct Noise(pub u64);

impl Noise {
    pub fn next(&mut self) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }

    /// Uniform in 0..1.
    pub fn unit(&mut self) -> f32 {
        self.next() as f32 / (1u64 << 31) as f32
    }
}

/// A picture whose component `c` at (`x`, `y`) of its own grid is `value(c, x, y)`.
pub fn picture(
    width: u32,
    height: u32,
    format: PixelFormat,
    color: Color,
    mut value: impl FnMut(usize, usize, usize) -> u32,
) -> Picture {
    let mut planes = OwnedPlanes::new(width, height, &format);
    for (component, at) in format.used().iter().enumerate() {
        let (columns, rows) = format.component_extent(component, width, height);
        let stride = format
            .plane_extent(usize::from(at.plane), width, height)
            .row_bytes;
        let plane = planes.plane_mut(usize::from(at.plane));
        for y in 0..rows as usize {
            for x in 0..columns as usize {
                let start = y * stride + x * usize::from(at.step) + usize::from(at.offset);
                let word = value(component, x, y) << at.shift;
                plane[start..start + format.sample_bytes()]
                    .copy_from_slice(&word.to_le_bytes()[..format.sample_bytes()]);
            }
        }
    }
    Picture::new(width, height, format, color, planes)
}

/// Full range, and nothing said of the rest.
pub const FULL: Color = Color {
    range: Range::Full,
    primaries: 2,
    transfer: 2,
    matrix: 2,
    chroma_location: aquatint::color::ChromaLocation::Unspecified,
};

/// Uniform noise over all code values.
pub fn noise(width: u32, height: u32, format: PixelFormat, color: Color, seed: u64) -> Picture {
    let mut random = Noise(seed);
    picture(width, height, format, color, |_, _, _| {
        random.next() & format.max_value()
    })
}

/// Luma of 0.95 and more with random chroma: where half floats are coarsest.
pub fn bright_noise(
    width: u32,
    height: u32,
    format: PixelFormat,
    color: Color,
    seed: u64,
) -> Picture {
    let mut random = Noise(seed);
    let unit = 1u32 << (format.depth - 8);
    let (white, black) = if color.range == Range::Full {
        (format.max_value(), 0)
    } else {
        (235 * unit, 16 * unit)
    };
    let least = black + (f64::from(white - black) * 0.95) as u32;
    picture(width, height, format, color, |component, _, _| {
        let sample = random.next();
        if component == 0 && format.model == Model::Yuv {
            least + sample % (format.max_value() - least + 1)
        } else {
            sample & format.max_value()
        }
    })
}

/// Smooth shapes, edges and noise: what real pictures are made of. Each component in its full range.
pub fn scene(width: u32, height: u32, format: PixelFormat, color: Color, seed: u64) -> Picture {
    let mut random = Noise(seed);
    let max = format.max_value() as f32;
    picture(width, height, format, color, |component, x, y| {
        let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
        let wave = (u * 9.0 + component as f32).sin() * (v * 7.0).cos() * 0.25 + 0.5;
        let disc = if (u - 0.5).hypot(v - 0.4) < 0.2 {
            -0.3
        } else {
            0.0
        };
        let edge = if (x / 17 + y / 23) % 3 == 0 { 0.2 } else { 0.0 };
        ((wave + disc + edge + (random.unit() - 0.5) * 0.06).clamp(0.0, 1.0) * max) as u32
    })
}

/// A picture seen through a window that moves `shift` pixels, with noise of deviation `sigma` code values of 8 bits.
pub fn view(format: PixelFormat, scenery: u64, shift: usize, sigma: f32, seed: u64) -> Picture {
    let (width, height) = (320, 180);
    let wide = scene(width + 200, height, gray(8), Color::default(), scenery);
    let mut random = Noise(seed);
    let unit = (1 << (format.depth - 8)) as f32;
    picture(
        width,
        height,
        format,
        Color::default(),
        |component, x, y| {
            let columns = format.component_extent(component, width, height).0 as usize;
            let x = x * width as usize / columns;
            let y = (y * height as usize
                / format.component_extent(component, width, height).1 as usize)
                .min(height as usize - 1);
            // Irwin and Hall: twelve uniforms less six have a deviation of 1.
            let normal = (0..12).map(|_| random.unit()).sum::<f32>() - 6.0;
            let value = 40.0 + 0.7 * wide.sample(0, x + shift, y) as f32 + sigma * normal;
            ((value * unit).max(0.0) as u32).min(format.max_value())
        },
    )
}

pub fn gray(depth: u8) -> PixelFormat {
    PixelFormat::planar(Model::Gray, Subsampling::S444, depth, false)
}

pub fn yuv420(depth: u8) -> PixelFormat {
    PixelFormat::planar(Model::Yuv, Subsampling::S420, depth, false)
}

pub fn rgb(depth: u8) -> PixelFormat {
    PixelFormat::planar(Model::Rgb, Subsampling::S444, depth, false)
}

/// What a plan for `picture` starts from.
pub fn source_of(picture: &Picture) -> Source {
    Source::of(picture)
}

/// A style with values set from text.
pub fn styled(library: &Library, name: &str, set: &[(&str, &str)], strength: f64) -> StyleUse {
    let style = library.load(name).unwrap();
    let mut values = Values::defaults(&style.params);
    for (param, text) in set {
        values.set(name, &style.params, param, text).unwrap();
    }
    StyleUse {
        style,
        values,
        strength,
        target: None,
        rate: None,
    }
}

/// The built-in styles, and one of these files; and the folder that it lies in.
pub fn with_own(name: &str, files: &[(&str, &str)]) -> (tempfile::TempDir, Library) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join(name);
    std::fs::create_dir(&folder).unwrap();
    for (file, text) in files {
        std::fs::write(folder.join(file), text).unwrap();
    }
    let mut library = Library::built_in();
    library.add_path(dir.path()).unwrap();
    (dir, library)
}

/// Plans `chain` for `picture` with the output in its own format.
pub fn plan_for(
    library: &Library,
    picture: &Picture,
    chain: Vec<StyleUse>,
    options: PlanOptions,
) -> Plan {
    let request = OutputRequest {
        chain,
        format: picture.format,
        color: picture.color,
        temporal: Temporal::Off,
    };
    plan(library, &source_of(picture), &[request], options).unwrap()
}

/// The adapter GPU tests run on: the one that `AQUATINT_TEST_ADAPTER` names, in the words of `--device`; else a real GPU,
/// else software Vulkan. There must be one: a suite that skips its subject proves nothing.
pub fn adapter() -> AdapterFacts {
    if let Ok(wanted) = std::env::var("AQUATINT_TEST_ADAPTER") {
        let wanted: Wanted = wanted.parse().unwrap();
        let found =
            select(&wanted).unwrap_or_else(|error| panic!("AQUATINT_TEST_ADAPTER: {error}"));
        return found.expect("AQUATINT_TEST_ADAPTER must name a graphics adapter");
    }
    let adapter = adapters().into_iter().next();
    adapter.expect("no GPU and no software Vulkan: install mesa-vulkan-drivers")
}

/// The device of [`adapter`].
pub fn gpu() -> &'static Arc<GpuContext> {
    static CONTEXT: OnceLock<Arc<GpuContext>> = OnceLock::new();
    CONTEXT.get_or_init(|| {
        let adapter = adapter();
        // To stderr itself: what a passing test prints by macros is never shown.
        let _ = writeln!(std::io::stderr(), "kernels run on {adapter}");
        GpuContext::open(&adapter).unwrap()
    })
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum On {
    Cpu,
    Gpu,
    /// The twins, with everything kept that WebGPU needs to do the same.
    Recorded,
}

pub const BOTH: [On; 2] = [On::Cpu, On::Gpu];

/// Runs `plan` on one picture; returns the output of every port.
pub fn run(
    library: &Library,
    plan: Plan,
    picture: Option<&Picture>,
    files: &[ResourceData],
    on: On,
) -> Vec<Picture> {
    submit(executor(library, plan, files, on).as_mut(), picture)
}

/// An executor of `plan`, its pool poisoned where that can be done.
pub fn executor(
    library: &Library,
    plan: Plan,
    files: &[ResourceData],
    on: On,
) -> Box<dyn Executor> {
    match on {
        On::Cpu => {
            let mut executor = CpuExecutor::new(plan, files).unwrap();
            executor.poison();
            Box::new(executor)
        }
        On::Gpu => Box::new(GpuExecutor::new(library, plan, files, gpu()).unwrap()),
        On::Recorded => Box::new(Recorder::new(library, plan, files)),
    }
}

/// An executor of `plan` whose parameters can be set.
pub fn live_executor(
    library: &Library,
    plan: Plan,
    files: &[ResourceData],
    on: On,
) -> Box<dyn Executor> {
    let options = GpuOptions {
        live: true,
        ..GpuOptions::default()
    };
    match on {
        On::Cpu | On::Recorded => executor(library, plan, files, on),
        On::Gpu => {
            let made = GpuExecutor::with_options(library, plan, files, gpu(), options);
            Box::new(made.unwrap())
        }
    }
}

/// Runs one frame, slightly noisy; returns the output of every port.
pub fn submit(executor: &mut dyn Executor, picture: Option<&Picture>) -> Vec<Picture> {
    submit_as(executor, picture, 0)
}

/// As [`submit`], as frame number `index` of the stream.
pub fn submit_as(
    executor: &mut dyn Executor,
    picture: Option<&Picture>,
    index: u64,
) -> Vec<Picture> {
    let mut outputs = executor.submit(noisy(picture, index)).unwrap();
    outputs.extend(executor.drain().unwrap());
    pictures(outputs)
}

/// Frame number `index`, whose source is slightly noisy.
pub fn noisy(picture: Option<&Picture>, index: u64) -> Submission {
    let mut frame = instant(0, 0.0, 7);
    (frame.index, frame.reads) = (index, index);
    frame.facts.history_valid = index > 0;
    frame.facts.age = index as u32;
    frame.facts.noise_level = 0.02;
    Submission::single(picture.cloned(), frame)
}

/// A frame for an executor, at `pts` after the stream's start.
pub fn frame_at(picture: Option<Picture>, pts: i64, seconds: f32, seed: u32) -> Submission {
    Submission::single(picture, instant(pts, seconds, seed))
}

/// The first frame of a stream, shown at `pts`.
pub fn instant(pts: i64, seconds: f32, seed: u32) -> Instant {
    Instant {
        index: 0,
        reads: 0,
        scene: 0,
        span: Span { pts, duration: 1 },
        began: 0,
        facts: Facts {
            time: seconds,
            seed,
            noise: pcg3d([seed, pts as u32, (pts >> 32) as u32])[0],
            ..Facts::default()
        },
        seconds: seconds.into(),
    }
}

/// The pictures that came out, in order.
pub fn pictures(outputs: Vec<Output>) -> Vec<Picture> {
    outputs.into_iter().filter_map(Output::picture).collect()
}

/// The largest difference between samples of two pictures of one format, and the mean square of all differences.
pub fn difference(a: &Picture, b: &Picture) -> (u32, f64) {
    assert_eq!((a.format, a.width, a.height), (b.format, b.width, b.height));
    let (mut worst, mut sum, mut count) = (0, 0.0, 0.0);
    for component in 0..a.format.component_count() {
        let (columns, rows) = a.format.component_extent(component, a.width, a.height);
        for y in 0..rows as usize {
            for x in 0..columns as usize {
                let gap = a
                    .sample(component, x, y)
                    .abs_diff(b.sample(component, x, y));
                worst = worst.max(gap);
                sum += f64::from(gap) * f64::from(gap);
                count += 1.0;
            }
        }
    }
    (worst, sum / count)
}

/// Peak signal-to-noise ratio in dB; infinite for equal pictures.
pub fn psnr(a: &Picture, b: &Picture) -> f64 {
    let (_, mean_square) = difference(a, b);
    let peak = f64::from(a.format.max_value());
    10.0 * (peak * peak / mean_square).log10()
}

/// A kernel of the library; external code has none of its own.
pub fn kernel(library: &Library, path: &str) -> Arc<Kernel> {
    Arc::new(library.kernel(path))
}

/// Values of parameters by their names.
pub fn named(values: &[(&str, f32)]) -> Vec<(String, f32)> {
    let values = values.iter();
    values
        .map(|(name, value)| ((*name).to_owned(), *value))
        .collect()
}

/// Packs the image of a node, from 0 to 1, into R'G'B' of 16 bits in full range.
pub fn packed_rgb16(library: &Library, image: usize, extent: (u32, u32)) -> Pack {
    let gains = [
        ("chroma_gain", 1.0),
        ("chroma_offset", 0.0),
        ("kb", 0.0),
        ("kr", 0.0),
        ("luma_gain", 65535.0),
        ("luma_offset", 0.0),
        ("model", 2.0),
    ];
    Pack {
        kernel: kernel(library, "io/pack/direct"),
        params: named(&gains),
        image,
        gray: false,
        format: rgb(16),
        color: Color::default(),
        extent,
        alpha: AlphaSource::None,
        dither: false,
    }
}
