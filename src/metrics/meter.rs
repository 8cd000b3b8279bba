//! Measures frames, one after the other.

use super::flicker::{beyond, mean};
use super::{
    Flicker, Gradients, Metric, Metrics, Numbers, Plane, Rgb, Stillness, Values, WarpedError,
    Xpsnr, banding, blockiness, butteraugli, colourfulness, cpbd, edges_kept, gmsd, ms_ssim, psnr,
    square_error, ssim, ssimulacra2,
};
use crate::color::Coding;
use crate::frame::{Model, Picture, Rational};
use crate::reference::common::measure::noise::{self, FINE, residues};

/// A number of one plane, and of two.
type OfOne = fn(&Plane) -> Option<f64>;
type OfTwo = fn(&Plane, &Plane) -> Option<f64>;

/// Measures frames in their order; it keeps what flicker needs of those before.
pub struct Meter {
    wanted: Metrics,
    flicker: Flicker,
    /// Flicker of the reference.
    other_flicker: Flicker,
    stillness: Stillness,
    warped: WarpedError,
    /// Frames a second, or 0: what XPSNR takes for a change over time depends on it.
    rate: f64,
    xpsnr: Option<Xpsnr>,
}

impl Meter {
    /// A meter for `wanted`, of a video of `rate` frames a second (0/1 where that is not known). What other programs measure
    /// is not its own, and left out.
    pub fn new(mut wanted: Metrics, rate: Rational) -> Self {
        wanted.take_out_what_needs_files();
        Self {
            wanted,
            flicker: Flicker::default(),
            other_flicker: Flicker::default(),
            stillness: Stillness::default(),
            warped: WarpedError::default(),
            rate: if rate.num > 0 { rate.to_f64() } else { 0.0 },
            xpsnr: None,
        }
    }

    /// The next frame does not follow the one before: a scene begins, or frames were left out.
    pub fn cut(&mut self) {
        self.flicker.cut();
        self.other_flicker.cut();
        self.stillness.cut();
        self.warped.cut();
    }

    /// Measures `output`, whose luma is `luma`, against `reference` where there is one: metrics that need a reference are left out without one, and
    /// where it has another size. Those that need none are measured of the reference, too.
    pub fn frame(
        &mut self,
        (output, luma): (&Picture, &Plane),
        reference: Option<&Picture>,
    ) -> Numbers {
        let other = reference.map(Plane::luma);
        let mut numbers = Numbers {
            values: self.of_one(output, luma),
            reference: Values::default(),
        };
        if let (Some(reference), Some(other)) = (reference, &other) {
            numbers.reference = self.of_one(reference, other);
        }
        let has_size =
            |other: &&Picture| (other.width, other.height) == (output.width, output.height);
        let alike = reference.filter(has_size);
        if let (Some(reference), Some(other)) = (alike, &other) {
            self.against((output, luma), (reference, other), &mut numbers.values);
        }
        if self.wanted.has(Metric::WarpedError) {
            let guide = other.clone().filter(|_| alike.is_some());
            let has_guide = guide.is_some();
            let found = self
                .warped
                .frame(luma.clone(), guide.unwrap_or_else(|| luma.clone()));
            numbers
                .values
                .put(Metric::WarpedError, found.map(|found| found.0));
            if has_guide {
                numbers
                    .reference
                    .put(Metric::WarpedError, found.map(|found| found.1));
            }
        }
        if self.wanted.has(Metric::Flicker) {
            self.flicker(luma, other, alike.is_some(), &mut numbers);
        }
        numbers
    }

    /// The metrics of one picture alone.
    fn of_one(&self, picture: &Picture, luma: &Plane) -> Values {
        let mut values = Values::default();
        let wants = |metric| self.wanted.has(metric);
        if wants(Metric::Sharpness) || wants(Metric::EdgeCoherence) {
            let gradients = Gradients::of(luma);
            let found = [
                (Metric::Sharpness, gradients.map(|found| found.sharpness)),
                (
                    Metric::EdgeCoherence,
                    gradients.map(|found| found.coherence),
                ),
            ];
            let found = found.into_iter().filter(|(metric, _)| wants(*metric));
            found.for_each(|(metric, value)| values.put(metric, value));
        }
        if wants(Metric::Noise) {
            values.put(Metric::Noise, Some(noise_of(picture)));
        }
        if wants(Metric::Blockiness) {
            let found = blockiness(luma).map(|found| found.ratio);
            values.put(Metric::Blockiness, found);
        }
        let slow: [(Metric, OfOne); 2] = [(Metric::Cpbd, cpbd), (Metric::Banding, banding)];
        for (metric, measure) in slow.into_iter().filter(|(metric, _)| wants(*metric)) {
            values.put(metric, measure(luma));
        }
        if wants(Metric::Colourfulness) {
            let found = colourfulness(&Rgb::of(picture));
            values.put(Metric::Colourfulness, Some(found));
        }
        values
    }

    /// The metrics of a picture against another of its size.
    fn against(
        &mut self,
        (output, luma): (&Picture, &Plane),
        (reference, other): (&Picture, &Plane),
        values: &mut Values,
    ) {
        let wanted = self.wanted.clone();
        let wants = |metric| wanted.has(metric);
        let depth = luma.depth.max(other.depth);
        let deepened = |plane: &Plane, of: &Picture| match plane.depth == depth {
            true => None,
            false => Some(plane.clone().deepened(depth, has_limited_range(of))),
        };
        let (deep, deep_other) = (deepened(luma, output), deepened(other, reference));
        let (a, b) = (
            deep.as_ref().unwrap_or(luma),
            deep_other.as_ref().unwrap_or(other),
        );
        let colours = [Metric::PsnrCb, Metric::PsnrCr, Metric::PsnrYuv];
        if wants(Metric::Psnr) || wants(Metric::Mse) || colours.into_iter().any(wants) {
            let square = mean_square(a, b);
            let ratio = psnr(square, a.peak());
            let own = [(Metric::Psnr, ratio), (Metric::Mse, square)];
            let own = own.into_iter().filter(|(metric, _)| wants(*metric));
            own.for_each(|(metric, value)| values.put(metric, Some(value)));
            if colours.into_iter().any(wants) {
                let ratios = colour_ratios(output, reference);
                let weighted = ratios.map(|[cb, cr]| (6.0 * ratio + cb + cr) / 8.0);
                let found = [
                    ratios.map(|found| found[0]),
                    ratios.map(|found| found[1]),
                    weighted,
                ];
                let found = colours
                    .into_iter()
                    .zip(found)
                    .filter(|(metric, _)| wants(*metric));
                found.for_each(|(metric, value)| values.put(metric, value));
            }
        }
        let of_luma: [(Metric, OfTwo); 4] = [
            (Metric::Ssim, ssim),
            (Metric::MsSsim, ms_ssim),
            (Metric::Gmsd, gmsd),
            (Metric::EdgesKept, edges_kept),
        ];
        for (metric, measure) in of_luma.into_iter().filter(|(metric, _)| wants(*metric)) {
            values.put(metric, measure(a, b));
        }
        if wants(Metric::Xpsnr) {
            let (width, height, rate) = (b.width, b.height, self.rate);
            let meter = self
                .xpsnr
                .get_or_insert_with(|| Xpsnr::new(width, height, depth, rate));
            let found = meter.frame([Some(b), None, None], [Some(a), None, None]);
            let [luma, ..] = found.components;
            values.put(Metric::Xpsnr, luma.map(|luma| luma.decibels));
        }
        let seen = [
            Metric::Ssimulacra2,
            Metric::Butteraugli,
            Metric::ButteraugliMax,
        ];
        if seen.into_iter().any(wants) {
            let (output, reference) = (Rgb::of(output), Rgb::of(reference));
            if wants(Metric::Ssimulacra2) {
                values.put(Metric::Ssimulacra2, ssimulacra2(&output, &reference));
            }
            if wants(Metric::Butteraugli) || wants(Metric::ButteraugliMax) {
                let distance = butteraugli(&output, &reference);
                let found = [
                    (Metric::Butteraugli, distance.map(|found| found.0)),
                    (Metric::ButteraugliMax, distance.map(|found| found.1)),
                ];
                let found = found.into_iter().filter(|(metric, _)| wants(*metric));
                found.for_each(|(metric, value)| values.put(metric, value));
            }
        }
    }

    /// Flicker of the frame; against a reference of the same size, beyond the reference's own.
    fn flicker(&mut self, luma: &Plane, other: Option<Plane>, alike: bool, numbers: &mut Numbers) {
        let own = self.flicker.frame(luma);
        let Some(other) = other else {
            let value = own.as_deref().and_then(mean);
            numbers.values.put(Metric::Flicker, value);
            return;
        };
        let its = self.other_flicker.frame(&other);
        let still = self.stillness.frame(other);
        let value = match (alike, &own, &its, &still) {
            (true, Some(own), Some(its), Some(still)) => beyond(own, its, still),
            (true, ..) => None,
            (false, own, ..) => own.as_deref().and_then(mean),
        };
        numbers.values.put(Metric::Flicker, value);
        let its = its.as_deref().and_then(mean);
        numbers.reference.put(Metric::Flicker, its);
    }
}

/// Standard deviation of the noise of luma, as a share of all codes.
fn noise_of(picture: &Picture) -> f64 {
    let rgb = picture.format.model == Model::Rgb;
    let largest = (1 << picture.format.code_depth()) - 1;
    let residues = residues(picture, largest, rgb).into_iter();
    let level = noise::level(residues.map(|(_, residue)| residue).collect(), largest);
    level as f64 / FINE as f64
}

/// Mean of the squares of the differences of codes.
fn mean_square(a: &Plane, b: &Plane) -> f64 {
    square_error(a, b) as f64 / a.codes.len().max(1) as f64
}

/// PSNR of the second and third component (Cb and Cr; of RGB blue and red); none where the pictures have none, or others.
fn colour_ratios(output: &Picture, reference: &Picture) -> Option<[f64; 2]> {
    let (own, its) = (&output.format, &reference.format);
    if own.model == Model::Gray || (own.model, own.chroma) != (its.model, its.chroma) {
        return None;
    }
    let components = if own.model == Model::Rgb {
        [2, 0]
    } else {
        [1, 2]
    };
    let depth = own.code_depth().max(its.code_depth());
    Some(components.map(|component| {
        let plane = |picture: &Picture| {
            let plane = Plane::component(picture, component);
            plane.deepened(depth, has_limited_range(picture))
        };
        let (a, b) = (plane(output), plane(reference));
        psnr(mean_square(&a, &b), a.peak())
    }))
}

/// Whether the codes of luma lie in the limited range (16 to 235 of 8 bits).
pub fn has_limited_range(picture: &Picture) -> bool {
    let (width, height) = (picture.width, picture.height);
    let coding = Coding::resolve(&picture.color, &picture.format, width, height);
    coding.luma.offset > 0.0
}
