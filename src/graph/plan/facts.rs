//! The facts about the source that expressions in manifests can use.

use std::collections::BTreeMap;

use super::{ColorState, Space};
use crate::color::{Coding, Siting};
use crate::frame::{Model, Picture, PixelFormat, Rational};

/// The pictures that a plan is made for.
#[derive(Clone, Debug)]
pub struct Source {
    pub width: u32,
    pub height: u32,
    /// `None` if pictures are generated.
    pub coded: Option<(PixelFormat, Coding)>,
    /// Seconds per tick of its times; 0/1 if it has none.
    pub time_base: Rational,
    /// Its nominal rate in frames per second; 0/1 if it has none.
    pub rate: Rational,
    /// PTS of its first frame, from which tracks count.
    pub start: i64,
    pub interlaced: Interlaced,
}

/// Whether the frames of a source are made of two fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interlaced {
    /// They are whole.
    #[default]
    No,
    /// Its tags say so; each frame tells its own.
    Tagged,
    /// They look so, though they are tagged as progressive.
    Untagged,
}

impl Source {
    /// The source of `picture`, without times and rate.
    pub fn of(picture: &Picture) -> Self {
        let (width, height) = (picture.width, picture.height);
        let coding = Coding::resolve(&picture.color, &picture.format, width, height);
        Self {
            width,
            height,
            coded: Some((picture.format, coding)),
            time_base: Rational::new(0, 1),
            rate: Rational::new(0, 1),
            start: 0,
            interlaced: Interlaced::No,
        }
    }

    /// What the values of its unpacked picture mean as colour.
    pub(super) fn color_state(&self) -> ColorState {
        let coding = self.coded.as_ref().map(|(_, coding)| coding);
        coding.map_or_else(ColorState::default, |coding| ColorState {
            space: Space::Coded,
            transfer: coding.transfer,
            kr: coding.kr,
            kb: coding.kb,
            coded: None,
        })
    }

    /// The facts that expressions can use: `width`, `height`, and how the planes are coded: `planes_yuv`, `planes_kr`,
    /// …
    pub fn names(&self) -> BTreeMap<String, f64> {
        let mut names = BTreeMap::new();
        let mut put = |name: &str, value: f64| {
            names.insert(name.to_owned(), value);
        };
        put("width", f64::from(self.width));
        put("height", f64::from(self.height));
        put("interlaced", f64::from(self.interlaced as u8));
        if let Some((format, coding)) = &self.coded {
            let truth = |condition: bool| f64::from(u8::from(condition));
            put("planes_gray", truth(format.model == Model::Gray));
            put("planes_yuv", truth(format.model == Model::Yuv));
            put("planes_rgb", truth(format.model == Model::Rgb));
            put("planes_depth", f64::from(format.depth));
            put("planes_kr", f64::from(coding.kr));
            put("planes_kb", f64::from(coding.kb));
            put("planes_luma_offset", f64::from(coding.luma.offset));
            put("planes_luma_scale", f64::from(coding.luma.scale));
            put("planes_chroma_offset", f64::from(coding.chroma.offset));
            put("planes_chroma_scale", f64::from(coding.chroma.scale));
            let step = |log2: u8| if log2 == 1 { 0.5 } else { 1.0 };
            put("planes_step_x", step(format.chroma.x));
            put("planes_step_y", step(format.chroma.y));
            put(
                "planes_siting_x",
                siting_offset(coding.siting_x, format.chroma.x),
            );
            put(
                "planes_siting_y",
                siting_offset(coding.siting_y, format.chroma.y),
            );
            put(
                "planes_alpha_component",
                if format.alpha {
                    format.colour_count() as f64
                } else {
                    0.0
                },
            );
            put("planes_alpha_scale", 1.0 / f64::from(format.one()));
        } else {
            for (name, value) in [
                ("gray", 0.0),
                ("yuv", 0.0),
                ("rgb", 0.0),
                ("alpha_component", 0.0),
                ("step_x", 1.0),
                ("step_y", 1.0),
            ] {
                put(&format!("planes_{name}"), value);
            }
        }
        names
    }
}

/// Luma position of the first chroma sample.
fn siting_offset(siting: Siting, log2: u8) -> f64 {
    match siting {
        _ if log2 == 0 => 0.0,
        Siting::First => 0.0,
        Siting::Center => 0.5,
        Siting::Second => 1.0,
    }
}

/// The number of a chroma location in `io/pack/taps.wgsl`; 0 if the axis is not subsampled.
pub(super) fn siting_code(siting: Siting, log2: u8) -> f32 {
    match siting {
        _ if log2 == 0 => 0.0,
        Siting::First => 1.0,
        Siting::Center => 2.0,
        Siting::Second => 3.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Color;
    use crate::frame::Subsampling;
    use crate::graph::style::{Kernel, Style};

    #[test]
    fn no_parameter_hides_a_number_of_the_engine() {
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
        let source = Source {
            width: 64,
            height: 48,
            coded: Some((format, Coding::resolve(&Color::default(), &format, 64, 48))),
            time_base: Rational::new(1, 25),
            rate: Rational::new(25, 1),
            start: 0,
            interlaced: Default::default(),
        };
        let names = source.names();
        for name in names.keys().map(String::as_str).chain(["amount"]) {
            let manifest = format!(
                "summary = 's'\n[param.{name}]\ndefault = 1\nrange = [0, 2]\nhelp = 'h'\n[[pass]]\nkernel = 'k'\n\
                 in = {{ image = 'source' }}\nout = 'result'"
            );
            let kernel = "fn pixel(at: vec2i) -> vec4f { return image_here(); }";
            let parsed = Style::parse("x", "x/style.toml", &manifest, |_| {
                Ok(Kernel::parse("x/k", kernel))
            });
            assert_eq!(parsed.is_ok(), name == "amount", "{name}");
        }
    }
}
