//! The metrics, by name: what each says, its unit, and which way is better.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::nearest::{did_you_mean, nearest};

/// A number of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    Psnr,
    PsnrCb,
    PsnrCr,
    PsnrYuv,
    Mse,
    Ssim,
    MsSsim,
    Gmsd,
    Xpsnr,
    Ssimulacra2,
    Butteraugli,
    ButteraugliMax,
    Vmaf,
    VmafNeg,
    EdgesKept,
    Sharpness,
    Cpbd,
    EdgeCoherence,
    Noise,
    Blockiness,
    Banding,
    Colourfulness,
    Flicker,
    WarpedError,
    Lpips,
}

/// Which way a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    Higher,
    Lower,
    /// It says how a picture is, not how good.
    Neither,
}

/// What a metric is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The picture alone, or those before it.
    Picture,
    /// A reference.
    Reference,
    /// A reference, and an `ffmpeg` program that has libvmaf.
    Vmaf,
    /// A reference, and a model.
    Model,
}

/// What is said of a metric.
#[derive(Clone, Copy, Debug)]
pub struct About {
    pub metric: Metric,
    /// Its key in JSON and on the command line.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// `""` for a number without a unit.
    pub unit: &'static str,
    pub better: Better,
    pub needs: Needs,
    /// Whether it is measured unless others are asked for.
    pub usual: bool,
    pub help: &'static str,
}

/// A row of the table; the names are the key, the title and the unit.
const fn about(
    metric: Metric,
    [name, title, unit]: [&'static str; 3],
    better: Better,
    needs: Needs,
    usual: bool,
    help: &'static str,
) -> About {
    About {
        metric,
        name,
        title,
        unit,
        better,
        needs,
        usual,
        help,
    }
}

/// All metrics, in the order in which they are shown.
#[rustfmt::skip]
pub const METRICS: [About; 25] = {
    use Better::{Higher, Lower, Neither};
    use Metric as M;
    use Needs::{Picture, Reference, Vmaf};
    [
        about(M::Psnr, ["psnr", "PSNR", "dB"], Higher, Reference, true, "Peak signal-to-noise ratio of luma, at the full depth; of a whole video that of the mean square of all differences"),
        about(M::PsnrCb, ["psnr_cb", "PSNR of Cb", "dB"], Higher, Reference, false, "The same of the blue colour difference (of RGB: of blue)"),
        about(M::PsnrCr, ["psnr_cr", "PSNR of Cr", "dB"], Higher, Reference, false, "The same of the red colour difference (of RGB: of red)"),
        about(M::PsnrYuv, ["psnr_yuv", "PSNR, weighted", "dB"], Higher, Reference, false, "(6 Y + Cb + Cr) / 8 of the three ratios"),
        about(M::Mse, ["mse", "Mean square error", "codes²"], Lower, Reference, false, "Mean of the squares of the differences of luma codes"),
        about(M::Ssim, ["ssim", "SSIM", ""], Higher, Reference, true, "Structural similarity of luma (Wang and others, 2004): Gaussian window of 11 x 11, deviation 1.5, inside the picture"),
        about(M::MsSsim, ["ms_ssim", "MS-SSIM", ""], Higher, Reference, false, "Structural similarity at five scales (Wang and others, 2003); at least 176 pixels each way"),
        about(M::Gmsd, ["gmsd", "GMSD", ""], Lower, Reference, false, "Deviation of the similarity of gradients (Xue and others, 2014)"),
        about(M::Xpsnr, ["xpsnr", "XPSNR", "dB"], Higher, Reference, false, "PSNR of luma weighted by what the eye sees in each block, as FFmpeg has it (Helmrich and others, 2020)"),
        about(M::Ssimulacra2, ["ssimulacra2", "SSIMULACRA2", ""], Higher, Reference, false, "90: the difference is not seen; 70 high, 50 medium, 30 low quality"),
        about(M::Butteraugli, ["butteraugli", "Butteraugli", ""], Lower, Reference, false, "Distance as seen, 3-norm over the picture, on a screen of 80 nits; below 1 it is hardly seen"),
        about(M::ButteraugliMax, ["butteraugli_max", "Butteraugli, largest", ""], Lower, Reference, false, "The same at the worst place of the picture"),
        about(M::Vmaf, ["vmaf", "VMAF", ""], Higher, Vmaf, false, "By an ffmpeg program that has libvmaf. It rewards sharpening: look at vmaf_neg beside it"),
        about(M::VmafNeg, ["vmaf_neg", "VMAF NEG", ""], Higher, Vmaf, false, "VMAF that does not count sharpening as a gain"),
        about(M::EdgesKept, ["edges_kept", "Edges kept", ""], Higher, Reference, false, "F1 score of Canny edges, within a pixel: 1 where both have the same edges"),
        about(M::Sharpness, ["sharpness", "Sharpness", "codes/px"], Neither, Picture, true, "Root mean square of the Sobel gradient of luma, in codes of 255 a pixel; noise raises it, too"),
        about(M::Cpbd, ["cpbd", "Sharp edges", ""], Higher, Picture, false, "Share of edges that look sharp (CPBD: Narvekar and Karam, 2011), 0 to 1; noise and ringing raise it, too"),
        about(M::EdgeCoherence, ["edge_coherence", "Edge coherence", ""], Neither, Picture, true, "How much gradients agree in direction with those around them, 0 to 1: lines and edges are near 1, noise near 0"),
        about(M::Noise, ["noise", "Noise", "of the range"], Lower, Picture, true, "Standard deviation of the noise in the flattest blocks of luma, as a share of all codes, 0 to 1 (Immerkær, 1996)"),
        about(M::Blockiness, ["blockiness", "Blockiness", ""], Lower, Picture, false, "Steps across the 8 x 8 grid of a coder, divided by those elsewhere: 1 where there is no grid"),
        about(M::Banding, ["banding", "Banding", ""], Lower, Picture, false, "CAMBI (Tandon and others, 2021), 0 to 24: from 5 on bands annoy"),
        about(M::Colourfulness, ["colourfulness", "Colourfulness", ""], Neither, Picture, false, "Hasler and Süsstrunk, 2003: 0 is gray, above 80 very colourful"),
        about(M::Flicker, ["flicker", "Flicker", "codes"], Lower, Picture, true, "Mean change of the change of brightness of blocks of 32 x 32, in codes of 255; with a reference, where it stands still alone, and less its own"),
        about(M::WarpedError, ["warped_error", "Warped error", "codes"], Lower, Picture, false, "Root mean square of what changes from frame to frame besides what moves, in codes of 255: blocks of 16 x 16 against where they came from; with a reference of the same size, along the motion of that (after Lai and others, 2018)"),
        about(M::Lpips, ["lpips", "LPIPS", ""], Lower, Needs::Model, false, "Distance of the features of a network (Zhang and others, 2018), by a model of yours: --lpips-model"),
    ]
};

impl Metric {
    /// What is said of it.
    pub fn about(self) -> &'static About {
        METRICS
            .iter()
            .find(|about| about.metric == self)
            .expect("the table has every metric")
    }

    /// Its key.
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// Whether it is measured of finished files alone, by another program or a model.
    pub fn needs_files(self) -> bool {
        matches!(self.about().needs, Needs::Vmaf | Needs::Model)
    }

    /// Whether it compares a frame with those before it, so that no frame may be left out.
    pub fn needs_all_frames(self) -> bool {
        matches!(self, Self::Flicker | Self::WarpedError)
    }
}

/// The metrics that are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics(pub BTreeSet<Metric>);

impl Metrics {
    /// Those that are measured unless others are asked for.
    pub fn usual() -> Self {
        Self::those(|about| about.usual)
    }

    /// All of them.
    pub fn all() -> Self {
        Self::those(|_| true)
    }

    fn those(wanted: impl Fn(&About) -> bool) -> Self {
        let wanted = METRICS.iter().filter(|about| wanted(about));
        Self(wanted.map(|about| about.metric).collect())
    }

    /// Takes out what needs all frames, and returns what is to be said of that; `None` where there is nothing of it.
    pub fn take_out_what_needs_all(&mut self) -> Option<String> {
        let (out, kept) = self.0.iter().partition(|metric| metric.needs_all_frames());
        self.0 = kept;
        let out: BTreeSet<Metric> = out;
        let names: Vec<&str> = out.iter().map(|metric| metric.name()).collect();
        (!names.is_empty()).then(|| {
            format!(
                "left out, because not every frame is measured: {}",
                names.join(", ")
            )
        })
    }

    /// Takes out what is measured of finished files alone, by other programs and models; returns the first of it.
    pub fn take_out_what_needs_files(&mut self) -> Option<Metric> {
        let first = self.0.iter().copied().find(|metric| metric.needs_files());
        self.0.retain(|metric| !metric.needs_files());
        first
    }

    /// Whether `metric` is wanted.
    pub fn has(&self, metric: Metric) -> bool {
        self.0.contains(&metric)
    }

    /// Those of them that need what `needs` says.
    pub fn that_need(&self, needs: Needs) -> impl Iterator<Item = Metric> {
        let of_kind = move |metric: &Metric| metric.about().needs == needs;
        self.0.iter().copied().filter(of_kind)
    }

    /// Reads a list with commas between names; `usual` and `all` are lists of their own.
    ///
    /// # Errors
    /// A name that is not known, with the nearest.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut read = Self::default();
        for name in text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            match (name, METRICS.iter().find(|about| about.name == name)) {
                ("usual", _) => read.0.extend(Self::usual().0),
                ("all", _) => read.0.extend(Self::all().0),
                (_, Some(about)) => {
                    read.0.insert(about.metric);
                }
                (_, None) => {
                    let names = METRICS.iter().map(|about| about.name);
                    let near = did_you_mean(nearest(name, names.chain(["usual", "all"])));
                    return Err(format!("there is no metric {name:?}{near}"));
                }
            }
        }
        match read.0.is_empty() {
            true => Err("no metric is named".to_owned()),
            false => Ok(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        let read = Metrics::read("ssim, usual,butteraugli").unwrap();
        assert!(read.has(Metric::Butteraugli) && read.has(Metric::Noise) && !read.has(Metric::Mse));
        assert_eq!(Metrics::read("all").unwrap().0.len(), METRICS.len());
        assert!(
            Metrics::read("sssim")
                .unwrap_err()
                .contains("did you mean \"ssim\"")
        );
        assert!(Metrics::read(" , ").is_err());
    }

    #[test]
    fn names_are_those_of_json() {
        for about in METRICS {
            let name = serde_json::to_value(about.metric).unwrap();
            assert_eq!(name, about.name);
        }
    }
}
