//! Twins: every WGSL kernel as a plain Rust function under the same path, `shaders/a/b.wgsl` ↔ `src/reference/a/b.rs`.
//!
//! They are the oracle that kernels are tested against, and what the CPU executor runs. A twin makes one row at a time:
//! row loops over slices are what the compiler vectorises, and [`multiversion`](https://docs.rs/multiversion) picks the
//! instruction set when the program runs. No twin fuses a multiply with an add, so all instruction sets agree bit for bit.

pub mod cinematic;
pub mod common;
pub mod demo;
pub mod half_grid;
pub mod identity;
pub mod io;
pub mod pencil;
pub(crate) mod row;

pub use row::{Facts, Image, Io, Out, Row};

/// Makes row `io.y` of a picture.
pub type PixelTwin = fn(&Io<'_>, &mut Out<'_>);

/// Makes row `io.y` of the code values of one component, not yet rounded.
pub type CodeTwin = fn(&Io<'_>, usize, &mut [f32]);

/// A twin of either kind of kernel.
#[derive(Clone, Copy, Debug)]
pub enum Twin {
    Pixel(PixelTwin),
    Code(CodeTwin),
}

/// The twin of the kernel at `path`, if it has one.
pub fn twin(path: &str) -> Option<Twin> {
    use Twin::{Code, Pixel};
    Some(match path {
        "cinematic/contrast" => Pixel(cinematic::contrast::row),
        "cinematic/grade" => Pixel(cinematic::grade::row),
        "cinematic/grain" => Pixel(cinematic::grain::row),
        "cinematic/vignette" => Pixel(cinematic::vignette::row),
        "common/bloom/bright" => Pixel(common::bloom::bright::row),
        "common/bloom/down" => Pixel(common::bloom::down::row),
        "common/bloom/scatter" => Pixel(common::bloom::scatter::row),
        "common/bloom/up" => Pixel(common::bloom::up::row),
        "common/gaussian/blur_x" => Pixel(common::gaussian::blur_x::row),
        "common/gaussian/blur_y" => Pixel(common::gaussian::blur_y::row),
        "common/gaussian/expand_x" => Pixel(common::gaussian::expand_x::row),
        "common/gaussian/expand_y" => Pixel(common::gaussian::expand_y::row),
        "common/gaussian/reduce_x" => Pixel(common::gaussian::reduce_x::row),
        "common/gaussian/reduce_y" => Pixel(common::gaussian::reduce_y::row),
        "common/luma/coded" => Pixel(common::luma::coded::row),
        "common/luma/weighted" => Pixel(common::luma::weighted::row),
        "common/mix/blend" => Pixel(common::mix::blend::row),
        "demo/scene" => Pixel(demo::scene::row),
        "identity/copy" => Pixel(identity::copy::row),
        "io/pack/direct" => Code(io::pack::direct::row),
        "io/pack/gray" => Code(io::pack::gray::row),
        "io/pack/subsampled" => Code(io::pack::subsampled::row),
        "io/unpack/gray" => Pixel(io::unpack::gray::row),
        "io/unpack/rgb" => Pixel(io::unpack::rgb::row),
        "io/unpack/yuv" => Pixel(io::unpack::yuv::row),
        "pencil/dodge" => Pixel(pencil::dodge::row),
        "pencil/grain" => Pixel(pencil::grain::row),
        "pencil/texture" => Pixel(pencil::texture::row),
        _ => return None,
    })
}
