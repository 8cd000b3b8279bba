//! Numbers of pictures: how alike two are, and what one is like. Arithmetic over planes of codes; no file, no device.

mod banding;
mod blockiness;
mod colourfulness;
mod cpbd;
mod edges;
mod flicker;
mod gmsd;
mod gradients;
mod meter;
mod metric;
mod ms_ssim;
mod numbers;
mod perceptual;
mod plane;
mod rgb;
mod series;
mod square_error;
mod ssim;
mod sum;
mod summary;
#[cfg(test)]
mod tests;
mod warped;
mod xpsnr;

pub use banding::banding;
pub use blockiness::{Blockiness, blockiness};
pub use colourfulness::colourfulness;
pub use cpbd::cpbd;
pub use edges::edges_kept;
pub use flicker::{Flicker, Stillness};
pub use gmsd::gmsd;
pub use gradients::Gradients;
pub use meter::{Meter, has_limited_range};
pub use metric::{About, Better, METRICS, Metric, Metrics, Needs};
pub use ms_ssim::ms_ssim;
pub use numbers::{Numbers, Values};
pub use perceptual::{butteraugli, ssimulacra2};
pub use plane::Plane;
pub use rgb::Rgb;
pub use series::{APART, Place, Series, Statistics, WORST};
pub use square_error::{psnr, square_error};
pub use ssim::ssim;
pub use summary::{changes, statistics};
pub use warped::WarpedError;
pub use xpsnr::{Weighted, Xpsnr, XpsnrFrame, xpsnr_of_video};
