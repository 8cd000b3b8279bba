//! Twins: every WGSL kernel as a plain Rust function under the same path, `shaders/a/b.wgsl` ↔ `src/reference/a/b.rs`.
//!
//! Kernels are tested against them, and the CPU executor runs them. A twin computes one row at a time, because the
//! compiler vectorises loops over slices; [`multiversion`](https://docs.rs/multiversion) selects the instruction set at
//! run time. No twin fuses a multiply with an add, so all instruction sets give the same bits.

pub mod ascii;
pub mod between;
pub mod cartoon;
pub mod cinematic;
pub mod comic;
pub mod common;
pub mod consistency;
pub mod crop;
pub mod deband;
pub mod deblock;
pub mod deflicker;
pub mod deinterlace;
pub mod demo;
pub mod denoise;
pub mod despeckle;
pub mod dust;
pub mod fixed_grid;
pub mod glitch;
pub mod grain;
pub mod half_grid;
pub mod identity;
pub mod ink;
pub mod inverse_telecine;
pub mod io;
pub mod lanes;
pub mod levels;
pub mod mosaic;
pub mod oil;
pub mod pencil;
pub mod phases;
pub mod repair;
pub(crate) mod row;
pub mod steady;
pub mod tape;
pub mod temporal;
pub mod upscale;
pub mod watercolor;

pub use row::{Image, Io, Out, Row};

/// Computes row `io.y` of a picture.
pub type PixelTwin = fn(&Io<'_>, &mut Out<'_>);

/// Computes row `io.y` of the code values of one component, before rounding.
pub type CodeTwin = fn(&Io<'_>, usize, &mut [f32]);

/// Computes all words of a compute kernel, whatever they held before.
pub type ComputeTwin = fn(&Io<'_>, &mut [u32]);

/// A twin of any kind of kernel.
#[derive(Clone, Copy, Debug)]
pub enum Twin {
    Pixel(PixelTwin),
    Code(CodeTwin),
    Compute(ComputeTwin),
}

/// How many rows above and below its own row the twin of the kernel at `path` reads of `input`; `None` if it may read any.
/// `param` gives the values of the parameters. For inputs of the size of the result that are not read at the own
/// position alone.
pub fn reach(path: &str, input: &str, param: impl Fn(&str) -> f32) -> Option<usize> {
    let rows = match (path, input) {
        ("cartoon/ink", "colors") => 1.0,
        ("cartoon/settle", "regions") => param("reach"),
        ("cartoon/widen", "edges") => param("half") + 0.5,
        ("common/bilateral/filter", "image") => param("radius"),
        ("common/deringing/filter", "luma") => 2.0,
        ("common/double/direction", "level") => 3.0,
        ("common/canny/gradient", "gray") | ("common/canny/thin", "gradient") => 1.0,
        ("common/gaussian/blur_x", "image") => 0.0,
        ("common/gaussian/blur_y", "image") => 4.0 * param("deviation"),
        ("common/deblur/bounded", "luma") | ("common/detail/texture", _) => 1.0,
        ("common/guided/fit", _) => param("radius"),
        ("common/lines/steep", "luma") | ("common/lines/thin", "soft") => 1.0,
        // A bilinear read has one row more.
        ("common/lines/thin", "luma") => (param("amount") * param("width")).ceil() + 1.0,
        ("common/outline/line", "luma") => 2.0,
        ("common/sharpen/limited", "luma") => 1.0,
        ("common/structure/tensor", "image") | ("ink/fill", "tone") | ("oil/relief", "image") => {
            1.0
        }
        ("grain/remove", "image") => 2.0,
        // A bilinear read has one row more.
        ("ink/across", "luma") => (3.2 * param("sigma")).ceil() + 1.0,
        ("dust/bounds", "luma") | ("dust/fill", "specks") => 1.0,
        ("dust/clean", "found") => 2.0,
        ("deband/smooth", "image") => param("reach"),
        ("deblock/smooth", "image") => 6.0 * param("down"),
        ("ink/along", _) => (2.0 * param("sigma")).ceil() + 1.0,
        ("denoise/alike" | "denoise/tint", "image") => param("radius") + 1.0,
        ("denoise/join", "own" | "moved") => 2.0,
        ("denoise/keep", "image" | "average") => 1.0,
        ("io/pack/subsampled", "image") => 2.0,
        ("oil/strokes", "image") => param("stroke") * (1.0 + param("stretch")) * 1.001,
        ("tape/align", "image") | ("tape/runs", _) | ("tape/sharpen", _) | ("tape/soft", _) => 0.0,
        ("tape/separate", "image") => param("down").abs() + 2.0,
        ("watercolor/down", "image") | ("watercolor/wash", "means") => param("reach"),
        ("watercolor/rim", "wash") => 1.0,
        _ => return None,
    };
    Some(rows.ceil() as usize)
}

/// The twin of the kernel at `path`; `None` if it has none.
pub fn twin(path: &str) -> Option<Twin> {
    use Twin::{Code, Compute, Pixel};
    Some(match path {
        "ascii/choose" => Pixel(ascii::choose::row),
        "ascii/densest" => Pixel(ascii::densest::row),
        "ascii/draw" => Pixel(ascii::draw::row),
        "ascii/measure" => Pixel(ascii::measure::row),
        "ascii/shape" => Pixel(ascii::shape::row),
        "ascii/sheet" => Pixel(ascii::sheet::row),
        "cartoon/drift" => Compute(cartoon::drift::words),
        "cartoon/fill" => Pixel(cartoon::fill::row),
        "cartoon/ink" => Pixel(cartoon::ink::row),
        "cartoon/lloyd" => Compute(cartoon::lloyd::words),
        "cartoon/quantize" => Pixel(cartoon::quantize::row),
        "cartoon/seed" => Compute(cartoon::seed::words),
        "cartoon/settle" => Pixel(cartoon::settle::row),
        "cartoon/widen" => Pixel(cartoon::widen::row),
        "common/bilateral/filter" => Pixel(common::bilateral::filter::row),
        "common/canny/edges" => Pixel(common::canny::edges::row),
        "common/canny/gradient" => Pixel(common::canny::gradient::row),
        "common/canny/gray" => Pixel(common::canny::gray::row),
        "common/canny/link" => Compute(common::canny::link::words),
        "common/canny/thin" => Pixel(common::canny::thin::row),
        "comic/halftone" => Pixel(comic::halftone::row),
        "comic/print" => Pixel(comic::print::row),
        "comic/separate" => Pixel(comic::separate::row),
        "cinematic/contrast" => Pixel(cinematic::contrast::row),
        "cinematic/grade" => Pixel(cinematic::grade::row),
        "cinematic/grain" => Pixel(cinematic::grain::row),
        "cinematic/vignette" => Pixel(cinematic::vignette::row),
        "common/bloom/bright" => Pixel(common::bloom::bright::row),
        "common/bloom/down" => Pixel(common::bloom::down::row),
        "common/bloom/scatter" => Pixel(common::bloom::scatter::row),
        "common/bloom/up" => Pixel(common::bloom::up::row),
        "common/chroma/guided" => Pixel(common::chroma::guided::row),
        "common/chroma/samples" => Pixel(common::chroma::samples::row),
        "common/clarity/contrast" => Pixel(common::clarity::contrast::row),
        "common/deblur/bounded" => Pixel(common::deblur::bounded::row),
        "common/deblur/step/multiply" => Pixel(common::deblur::step::multiply::row),
        "common/deblur/step/ratio" => Pixel(common::deblur::step::ratio::row),
        "common/detail/texture" => Pixel(common::detail::texture::row),
        "common/deringing/filter" => Pixel(common::deringing::filter::row),
        "common/double/direction" => Pixel(common::double::direction::row),
        "common/double/enlarge" => Pixel(common::double::enlarge::row),
        "common/double/filter" => Pixel(common::double::filter::row),
        "common/double/first12" => Compute(common::double::first12::words),
        "common/double/first16" => Compute(common::double::first16::words),
        "common/double/first8" => Compute(common::double::first8::words),
        "common/double/last12" => Pixel(common::double::last12::row),
        "common/double/last16" => Pixel(common::double::last16::row),
        "common/double/last8" => Pixel(common::double::last8::row),
        "common/double/layer12" => Compute(common::double::layer12::words),
        "common/double/layer16" => Compute(common::double::layer16::words),
        "common/double/layer8" => Compute(common::double::layer8::words),
        "common/double/level" => Pixel(common::double::level::row),
        "common/gaussian/blur_x" => Pixel(common::gaussian::blur_x::row),
        "common/gaussian/blur_y" => Pixel(common::gaussian::blur_y::row),
        "common/gaussian/expand_x" => Pixel(common::gaussian::expand_x::row),
        "common/gaussian/expand_y" => Pixel(common::gaussian::expand_y::row),
        "common/gaussian/reduce_x" => Pixel(common::gaussian::reduce_x::row),
        "common/gaussian/reduce_y" => Pixel(common::gaussian::reduce_y::row),
        "common/guided/apply" => Pixel(common::guided::apply::row),
        "common/guided/fit" => Pixel(common::guided::fit::row),
        "common/guided/rest" => Pixel(common::guided::rest::row),
        "common/lines/darken" => Pixel(common::lines::darken::row),
        "common/lines/steep" => Pixel(common::lines::steep::row),
        "common/lines/thin" => Pixel(common::lines::thin::row),
        "common/luma/coded" => Pixel(common::luma::coded::row),
        "common/luma/weighted" => Pixel(common::luma::weighted::row),
        "common/motion/check" => Pixel(common::motion::check::row),
        "common/motion/one_way/fraction" => Pixel(common::motion::one_way::fraction::row),
        "common/motion/one_way/mean" => Pixel(common::motion::one_way::mean::row),
        "common/motion/one_way/refine" => Pixel(common::motion::one_way::refine::row),
        "common/motion/one_way/search" => Pixel(common::motion::one_way::search::row),
        "common/motion/one_way/settle" => Pixel(common::motion::one_way::settle::row),
        "common/motion/one_way/shrink" => Pixel(common::motion::one_way::shrink::row),
        "common/motion/one_way/whole" => Pixel(common::motion::one_way::whole::row),
        "common/mix/blend" => Pixel(common::mix::blend::row),
        "common/measure/cells/shrink" => Compute(common::measure::cells::shrink::words),
        "common/measure/changed/count" => Compute(common::measure::changed::count::words),
        "common/measure/luma/count" => Compute(common::measure::luma::count::words),
        "common/median_over_time/median" => Pixel(common::median_over_time::median::row),
        "common/outline/line" => Pixel(common::outline::line::row),
        "common/perceptual/apply" => Pixel(common::perceptual::apply::row),
        "common/perceptual/contrast" => Pixel(common::perceptual::contrast::row),
        "common/place/canvas" => Pixel(common::place::canvas::row),
        "common/planes/chroma/read" => Pixel(common::planes::chroma::read::row),
        "common/planes/luma/read" => Pixel(common::planes::luma::read::row),
        "common/planes/rgb/join" => Pixel(common::planes::rgb::join::row),
        "common/rate/blend" => Pixel(common::rate::blend::row),
        "common/rate/hold" => Pixel(common::rate::hold::row),
        "common/resample/across" => Pixel(common::resample::across::row),
        "common/resample/down" => Pixel(common::resample::down::row),
        "common/resample/polar" => Pixel(common::resample::polar::row),
        "common/sharpen/limited" => Pixel(common::sharpen::limited::row),
        "common/sigmoid/bend" => Pixel(common::sigmoid::bend::row),
        "common/sigmoid/unbend" => Pixel(common::sigmoid::unbend::row),
        "common/smooth/apply" => Pixel(common::smooth::apply::row),
        "common/smooth/rest" => Pixel(common::smooth::rest::row),
        "common/smooth/slope" => Pixel(common::smooth::slope::row),
        "common/square/centered" => Pixel(common::square::centered::row),
        "common/with_luma/join" => Pixel(common::with_luma::join::row),
        "common/with_alpha/join" => Pixel(common::with_alpha::join::row),
        "common/structure/direction" => Pixel(common::structure::direction::row),
        "common/structure/tensor" => Pixel(common::structure::tensor::row),
        "demo/scene" => Pixel(demo::scene::row),
        "deband/activity" => Pixel(deband::activity::row),
        "deband/smooth" => Pixel(deband::smooth::row),
        "deblock/smooth" => Pixel(deblock::smooth::row),
        "deblock/steps" => Compute(deblock::steps::words),
        "deflicker/even" => Pixel(deflicker::even::row),
        "deinterlace/whole" => Pixel(deinterlace::whole::row),
        "denoise/alike" => Pixel(denoise::alike::row),
        "denoise/copy" => Pixel(denoise::copy::row),
        "denoise/half" => Pixel(denoise::half::row),
        "denoise/halve" => Pixel(denoise::halve::row),
        "denoise/join" => Pixel(denoise::join::row),
        "denoise/keep" => Pixel(denoise::keep::row),
        "denoise/move" => Pixel(denoise::r#move::row),
        "denoise/shift" => Pixel(denoise::shift::row),
        "denoise/split" => Pixel(denoise::split::row),
        "denoise/tint" => Pixel(denoise::tint::row),
        "denoise/unite" => Pixel(denoise::unite::row),
        "despeckle/replace" => Pixel(despeckle::replace::row),
        "dust/apart" => Pixel(dust::apart::row),
        "dust/bounds" => Pixel(dust::bounds::row),
        "dust/choose" => Pixel(dust::choose::row),
        "dust/clean" => Pixel(dust::clean::row),
        "dust/copy" => Pixel(dust::copy::row),
        "dust/fill" => Pixel(dust::fill::row),
        "dust/find" => Pixel(dust::find::row),
        "dust/small" => Pixel(dust::small::row),
        "glitch/mosh" => Pixel(glitch::mosh::row),
        "glitch/shrink" => Pixel(glitch::shrink::row),
        "glitch/tear" => Pixel(glitch::tear::row),
        "identity/copy" => Pixel(identity::copy::row),
        "ink/across" => Pixel(ink::across::row),
        "ink/along" => Pixel(ink::along::row),
        "ink/fill" => Pixel(ink::fill::row),
        "ink/print" => Pixel(ink::print::row),
        "inverse_telecine/weave" => Pixel(inverse_telecine::weave::row),
        "grain/across" => Pixel(grain::across::row),
        "grain/apart" => Pixel(grain::apart::row),
        "grain/count" => Compute(grain::count::words),
        "grain/lay" => Pixel(grain::lay::row),
        "grain/remove" => Pixel(grain::remove::row),
        "io/pack/direct" => Code(io::pack::direct::row),
        "io/pack/gray" => Code(io::pack::gray::row),
        "io/pack/subsampled" => Code(io::pack::subsampled::row),
        "io/tensor/fill" => Compute(io::tensor::fill::words),
        "io/tensor/pack" => Compute(io::tensor::pack::words),
        "io/tensor/pack_half" => Compute(io::tensor::pack_half::words),
        "io/tensor/unpack" => Pixel(io::tensor::unpack::row),
        "io/unpack/gray" => Pixel(io::unpack::gray::row),
        "io/unpack/rgb" => Pixel(io::unpack::rgb::row),
        "io/unpack/yuv" => Pixel(io::unpack::yuv::row),
        "consistency/correct" => Pixel(consistency::correct::row),
        "crop/lay" => Pixel(crop::lay::row),
        "consistency/count" => Compute(consistency::count::words),
        "levels/count" => Compute(levels::count::words),
        "levels/stretch" => Pixel(levels::stretch::row),
        "mosaic/assign" => Pixel(mosaic::assign::row),
        "mosaic/carry" => Compute(mosaic::carry::words),
        "mosaic/gather" => Compute(mosaic::gather::words),
        "mosaic/lay" => Pixel(mosaic::lay::row),
        "oil/relief" => Pixel(oil::relief::row),
        "oil/strokes" => Pixel(oil::strokes::row),
        "pencil/dodge" => Pixel(pencil::dodge::row),
        "pencil/grain" => Pixel(pencil::grain::row),
        "pencil/texture" => Pixel(pencil::texture::row),
        "repair/cells" => Pixel(repair::cells::row),
        "repair/choose" => Pixel(repair::choose::row),
        "repair/count" => Compute(repair::count::words),
        "repair/numbers" => Pixel(repair::numbers::row),
        "repair/rebuild" => Pixel(repair::rebuild::row),
        "repair/take" => Pixel(repair::take::row),
        "repair/verdict" => Pixel(repair::verdict::row),
        "common/space/light" => Pixel(common::space::light::row),
        "common/space/signal" => Pixel(common::space::signal::row),
        "steady/fill" => Pixel(steady::fill::row),
        "steady/move" => Pixel(steady::moved::row),
        "tape/align" => Pixel(tape::align::row),
        "tape/calm" => Pixel(tape::calm::row),
        "tape/code" => Pixel(tape::code::row),
        "tape/fill" => Pixel(tape::fill::row),
        "tape/join" => Pixel(tape::join::row),
        "tape/lines" => Compute(tape::lines::words),
        "tape/mark" => Pixel(tape::mark::row),
        "tape/runs" => Pixel(tape::runs::row),
        "tape/separate" => Pixel(tape::separate::row),
        "tape/sharpen" => Pixel(tape::sharpen::row),
        "tape/soft" => Pixel(tape::soft::row),
        "temporal/adaptive/blend" => Pixel(temporal::adaptive::blend::row),
        "temporal/ema/blend" => Pixel(temporal::ema::blend::row),
        "temporal/flow/blend" => Pixel(temporal::flow::blend::row),
        "temporal/motion/activity" => Pixel(temporal::motion::activity::row),
        "temporal/motion/spread" => Pixel(temporal::motion::spread::row),
        "temporal/vectors/erode" => Pixel(temporal::vectors::erode::row),
        "temporal/vectors/halve" => Pixel(temporal::vectors::halve::row),
        "temporal/vectors/pick" => Pixel(temporal::vectors::pick::row),
        "upscale/edges" => Pixel(upscale::edges::row),
        "upscale/filled" => Pixel(upscale::filled::row),
        "upscale/join" => Pixel(upscale::join::row),
        "upscale/pixel_art" => Pixel(upscale::pixel_art::row),
        "watercolor/across" => Pixel(watercolor::across::row),
        "watercolor/carry" => Pixel(watercolor::carry::row),
        "watercolor/down" => Pixel(watercolor::down::row),
        "watercolor/paint" => Pixel(watercolor::paint::row),
        "watercolor/pigment" => Pixel(watercolor::pigment::row),
        "watercolor/reduce" => Pixel(watercolor::reduce::row),
        "watercolor/rim" => Pixel(watercolor::rim::row),
        "watercolor/tiny" => Pixel(watercolor::tiny::row),
        "watercolor/wash" => Pixel(watercolor::wash::row),
        _ => return None,
    })
}
