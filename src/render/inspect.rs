//! A look at what one pass of a render makes: its image, or its words.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tracing::{info, warn};

use super::analysis::{FirstPass, measured_look};
use super::device::Choice;
use super::device_fallback::DeviceFallback;
use super::error::{RenderError, Result};
use super::event::Cancel;
use super::fields::interlaced;
use super::files;
use super::output_styles::OutputStyle;
use super::pending_output::{PendingOutput, write_picture};
use super::settings::{Existing, Settings};
use super::still::{FoundFrame, Moment, find, still};
use super::track_files;
use super::trial::Trials;
use crate::color::Coding;
use crate::frame::{Color, Model, OwnedPlanes, Picture, PixelFormat, Subsampling};
use crate::graph::plan::{self, ImageDesc, OutputRequest, Plan, PlanOptions, Source, Storage};
use crate::graph::style::Library;
use crate::graph::{Device, Payload};
use crate::media::{self, MediaError, bytes_in_words, probe_at, same_file};

/// Largest value of a 16-bit sample.
const WHITE: f32 = 65535.0;

/// A render request and its input, to look into.
pub struct Inspection<'a> {
    library: &'a Library,
    settings: &'a Settings,
    input: PathBuf,
    source: Source,
    request: OutputRequest,
}

/// A pass that can be looked at.
#[derive(Clone, Debug, Serialize)]
pub struct PassFacts {
    pub name: String,
    pub kernel: String,
    /// Of its image in pixels; words and 1 for a buffer.
    pub extent: (u32, u32),
    pub storage: Storage,
}

/// What a pass made for one frame.
#[derive(Clone, Debug)]
pub struct Inspected {
    pub pass: String,
    /// Number of the frame, from 0.
    pub frame: u64,
    /// When it is shown, in seconds.
    pub seconds: f64,
    pub device: Device,
    pub image: ImageDesc,
    /// The values of the image, pixel after pixel: bits of 32-bit floats, or the words of a buffer.
    pub words: Vec<u32>,
}

impl<'a> Inspection<'a> {
    /// Opens `input` for the one style of `settings`.
    ///
    /// # Errors
    /// `Usage` where there is more than one style, or none that goes through the graph; those of opening the input.
    pub fn new(library: &'a Library, settings: &'a Settings, input: &Path) -> Result<Self> {
        let [OutputStyle::Chain(chain)] = &settings.styles[..] else {
            return Err(RenderError::usage(
                "the passes of one style are looked at, of a style that goes through the graph",
                "name one with --style, or a chain such as a+b; `aquatint styles` lists them",
            ));
        };
        media::needs_reading_again(input, "what comes before a frame is decoded again for it")?;
        if settings.size.is_some() {
            return Err(RenderError::usage(
                "the passes of a style are looked at without a change of size, but the preset asks for one",
                "name the style with --style instead of the preset",
            ));
        }
        let info = probe_at(input, settings.reading())?;
        let pictures = info.pictures();
        let mut style = OutputStyle::Chain(chain.clone());
        style.in_seconds(track_files::rate(&info))?;
        let OutputStyle::Chain(mut chain) = style else {
            return Err(RenderError::Nothing { path: input.into() });
        };
        let mut trials = Trials::new(library, settings, input);
        trials.decide(&mut chain);
        trials.choices.iter().for_each(|choice| info!("{choice}"));
        trials.fallbacks.iter().for_each(|told| warn!("{told}"));
        let format = pictures
            .format
            .ok_or_else(|| MediaError::UnsupportedPictures {
                path: input.into(),
                why: format!("its pixel format {} is not supported", pictures.pix_fmt),
            })?;
        let (width, height) = (pictures.width, pictures.height);
        let coding = Coding::resolve(&pictures.color, &format, width, height);
        Ok(Self {
            library,
            settings,
            input: input.into(),
            source: Source {
                width,
                height,
                coded: Some((format, coding)),
                time_base: info.video().time_base,
                rate: pictures.frame_rate,
                start: info.video().start.unwrap_or(0),
                interlaced: interlaced(pictures),
            },
            request: OutputRequest {
                chain,
                format,
                color: pictures.color,
                temporal: settings.temporal,
            },
        })
    }

    /// The passes of the plan, in the order they run.
    ///
    /// # Errors
    /// Those of planning.
    pub fn passes(&self) -> Result<Vec<PassFacts>> {
        let request = std::slice::from_ref(&self.request);
        let plan = plan::plan(self.library, &self.source, request, PlanOptions::default())?;
        let facts = |(node, name): (&plan::Node, String)| PassFacts {
            name,
            kernel: node.kernel.path.clone(),
            extent: node.image.extent,
            storage: node.image.storage,
        };
        Ok(plan
            .nodes
            .iter()
            .zip(plan.pass_names())
            .map(facts)
            .collect())
    }

    /// The request with what its style measures of the frames up to the end of the scene of `found`.
    fn measured(&self, found: &FoundFrame, cancel: &Cancel) -> Result<OutputRequest> {
        let mut request = self.request.clone();
        let name = OutputStyle::Chain(request.chain.clone()).name();
        let (Some(look), _) = measured_look(&name, &request.chain) else {
            return Ok(request);
        };
        let one = std::slice::from_ref(&request);
        let plan = plan::plan(self.library, &self.source, one, PlanOptions::default())?;
        let (choice, _) = Choice::of(&self.settings.device, &plan, &self.settings.job.gpus)?;
        let info = probe_at(&self.input, self.settings.reading())?;
        let pass = FirstPass {
            library: self.library,
            settings: self.settings,
            input: &self.input,
            pictures: &self.source,
            looks: &[look],
            start: info.video().start.or(Some(found.first)),
            frames: None,
            until: Some(found.span.pts),
            gpu: None,
        };
        let frames = || {
            let mut source = media::Source::open_at(&self.input, self.settings.reading())?;
            source.pictures_only();
            Ok(source)
        };
        let fallback = DeviceFallback::new(choice);
        let analysis = pass.run(fallback, &frames, &mut |_| {}, cancel)?;
        analysis.apply(&name, &mut request.chain);
        Ok(request)
    }

    /// What the pass called `pass` makes for the frame at `moment`, in the render of the whole input.
    ///
    /// # Errors
    /// `Style` where there is no such pass, `Usage` where there is no such frame; those of rendering.
    pub fn image(&self, pass: &str, moment: Moment, cancel: &Cancel) -> Result<Inspected> {
        let found = find(&self.input, self.settings, moment, cancel)?;
        let request = self.measured(&found, cancel)?;
        let plan = plan::plan_with_image(
            self.library,
            &self.source,
            std::slice::from_ref(&request),
            pass,
            PlanOptions::default(),
        )?;
        let port = plan.outputs.len() - 1;
        let node = plan.outputs[port].node();
        let name = plan.pass_names().swap_remove(node);
        let files = files_of(self.library, &plan)?;
        let (choice, _) = Choice::of(&self.settings.device, &plan, &self.settings.job.gpus)?;
        let executor = choice.executor(self.library, plan, &files)?;
        let device = executor.device();
        let outputs = still(&self.input, self.settings, executor, &found, cancel)?;
        let image = outputs.into_iter().find(|output| output.port == port);
        let Some(Payload::Image(image, words)) = image.map(|output| output.payload) else {
            return Err(RenderError::Nothing {
                path: self.input.clone(),
            });
        };
        let unit = probe_at(&self.input, self.settings.reading())?
            .video()
            .time_base;
        Ok(Inspected {
            pass: name,
            frame: found.number,
            seconds: unit.seconds(found.span.pts - found.first),
            device,
            image,
            words,
        })
    }
}

/// The contents of the files of `plan`.
///
/// # Errors
/// Those of reading them.
pub(super) fn files_of(library: &Library, plan: &Plan) -> Result<Vec<crate::graph::ResourceData>> {
    let files = plan.files.iter();
    files.map(|file| files::read(library, plan, file)).collect()
}

/// How values became samples of a picture file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownRange {
    /// The value that is black, and the one that is white.
    pub black: f32,
    pub white: f32,
    /// The smallest and the largest value, of colours or of the one channel; 0 and 1 where there are none.
    pub least: f32,
    pub most: f32,
    /// Values that are no numbers, shown as black.
    pub not_numbers: u64,
}

impl Inspected {
    /// Whether it is a buffer of words, not an image.
    pub fn is_words(&self) -> bool {
        self.image.storage == Storage::Words
    }

    /// The image as a picture of 16 bits: gray for one channel, else RGB, with alpha where any pixel is not opaque. 0 is
    /// black and 1 is white. Colours and alpha are limited to that range; where values of a single channel leave it, the
    /// smallest becomes black and the largest white.
    pub fn picture(&self) -> (Picture, ShownRange) {
        let channels = self.image.storage.channels();
        let colours = channels.min(3);
        let pixels = || self.words.chunks_exact(channels);
        let values = pixels().flat_map(|pixel| pixel[..colours].iter().copied());
        let values = values.map(f32::from_bits);
        let mut range = ShownRange {
            black: 0.0,
            white: 1.0,
            least: 0.0,
            most: 1.0,
            not_numbers: 0,
        };
        let (mut least, mut most) = (f32::INFINITY, f32::NEG_INFINITY);
        for value in values {
            if value.is_finite() {
                (least, most) = (least.min(value), most.max(value));
            } else {
                range.not_numbers += u64::from(value.is_nan());
            }
        }
        if least <= most {
            (range.least, range.most) = (least, most);
        }
        if channels == 1 && (range.least < 0.0 || range.most > 1.0) {
            (range.black, range.white) = (least, most);
        }
        let alpha = channels == 4 && pixels().any(|pixel| f32::from_bits(pixel[3]) != 1.0);
        let span = range.white - range.black;
        let scale = if span > 0.0 { WHITE / span } else { 0.0 };
        // NaN becomes 0.
        let sample = |value: f32| (value.clamp(0.0, WHITE) + 0.5) as u16;
        let mut bytes = Vec::with_capacity(self.words.len() * 2);
        for pixel in pixels() {
            for bits in &pixel[..colours] {
                let value = (f32::from_bits(*bits) - range.black) * scale;
                bytes.extend_from_slice(&sample(value).to_le_bytes());
            }
            if alpha {
                let value = f32::from_bits(pixel[3]) * WHITE;
                bytes.extend_from_slice(&sample(value).to_le_bytes());
            }
        }
        let format = match (colours, alpha) {
            (1, _) => PixelFormat::planar(Model::Gray, Subsampling::S444, 16, false),
            (_, false) => PixelFormat::packed_rgb(16, 3, &[0, 1, 2]),
            (_, true) => PixelFormat::packed_rgb(16, 4, &[0, 1, 2, 3]),
        };
        let (width, height) = self.image.extent;
        let mut planes = OwnedPlanes::new(width, height, &format);
        planes.plane_mut(0).copy_from_slice(&bytes);
        let picture = Picture::new(width, height, format, Color::default(), planes);
        (picture, range)
    }

    /// The words as a table: a line for each, as an unsigned integer and as a 32-bit float.
    pub fn table(&self) -> String {
        let mut out = format!("{:>9} {:>11}  float\n", "word", "unsigned");
        for (index, word) in self.words.iter().enumerate() {
            let float = f32::from_bits(*word);
            // Writing to a string does not fail.
            let _ = writeln!(out, "{index:>9} {word:>11}  {float:e}");
        }
        out
    }

    /// The words as JSON, with the pass and the frame they are of.
    pub fn json(&self) -> String {
        let floats = self.words.iter().map(|word| f32::from_bits(*word));
        // What is no finite number is null.
        let floats: Vec<f32> = floats.collect();
        let all = serde_json::json!({
            "pass": self.pass, "frame": self.frame, "seconds": self.seconds, "device": self.device,
            "words": self.words, "floats": floats,
        });
        format!("{all}\n")
    }

    /// Writes it to `path`: an image as `.png`, words as `.txt` or `.json`. Returns how an image's values became samples.
    ///
    /// # Errors
    /// `Usage` for another extension, `Exists` for a file that exists and may not be replaced, `OutputIsInput` for the
    /// input; those of writing.
    pub fn write(
        &self,
        path: &Path,
        input: &Path,
        existing: Existing,
    ) -> Result<Option<ShownRange>> {
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        let ending = ending.to_ascii_lowercase();
        let fits: &[&str] = if self.is_words() {
            &["txt", "json"]
        } else {
            &["png"]
        };
        if !fits.contains(&ending.as_str()) {
            let what = if self.is_words() {
                "a buffer of words: name a .txt or .json file with -o, or leave -o out"
            } else {
                "an image: name a .png file with -o"
            };
            return Err(RenderError::usage(
                format!(
                    "the pass {} cannot be written to {}",
                    self.pass,
                    path.display()
                ),
                format!("it makes {what}"),
            ));
        }
        if same_file(path, input) {
            return Err(RenderError::OutputIsInput { path: path.into() });
        }
        if existing != Existing::Replace && path.symlink_metadata().is_ok() {
            return Err(RenderError::Exists { path: path.into() });
        }
        if !self.is_words() {
            let (picture, range) = self.picture();
            write_picture(path, &picture, existing)?;
            return Ok(Some(range));
        }
        let text = match ending.as_str() {
            "json" => self.json(),
            _ => self.table(),
        };
        let pending = PendingOutput::create(path)?;
        let written = std::fs::File::create(pending.temporary())
            .and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| MediaError::write(path, error))?;
        pending.commit(existing)?;
        Ok(None)
    }
}

impl std::fmt::Display for PassFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (width, height) = self.extent;
        match self.storage {
            Storage::Words => {
                let bytes = u64::from(width) * 4;
                write!(f, "{width} words ({})", bytes_in_words(bytes))?;
            }
            Storage::R32Float => write!(f, "{width}x{height}, one channel")?,
            Storage::Rgba16Float | Storage::Rgba16Fixed | Storage::Rgba32Float => {
                write!(f, "{width}x{height}, four channels")?;
            }
        }
        write!(f, "  [{}]", self.kernel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspected(storage: Storage, extent: (u32, u32), values: &[f32]) -> Inspected {
        Inspected {
            pass: "p".to_owned(),
            frame: 0,
            seconds: 0.0,
            device: Device {
                name: "d".to_owned(),
                executor: "cpu",
            },
            image: ImageDesc::new(extent, storage),
            words: values.iter().map(|value| value.to_bits()).collect(),
        }
    }

    #[test]
    fn values_become_samples() {
        let (picture, range) = inspected(Storage::R32Float, (3, 1), &[0.0, 0.5, 1.0]).picture();
        assert_eq!((range.black, range.white), (0.0, 1.0));
        let samples = [0, 1, 2].map(|x| picture.sample(0, x, 0));
        assert_eq!(samples, [0, 32768, 65535]);
        // Beyond 0 to 1 everything is stretched; what is no number is black, and counted.
        let values = [-1.0, f32::NAN, 1.0, 3.0];
        let (picture, range) = inspected(Storage::R32Float, (4, 1), &values).picture();
        assert_eq!(
            (range.black, range.white, range.not_numbers),
            (-1.0, 3.0, 1)
        );
        let samples = [0, 1, 2, 3].map(|x| picture.sample(0, x, 0));
        assert_eq!(samples, [0, 0, 32768, 65535]);
        // Colours are limited, and their range is known.
        let wide = [-0.5, 0.5, 2.0, 1.0];
        let (picture, range) = inspected(Storage::Rgba16Float, (1, 1), &wide).picture();
        assert_eq!((range.black, range.white), (0.0, 1.0));
        assert_eq!((range.least, range.most), (-0.5, 2.0));
        let samples = [0, 1, 2].map(|component| picture.sample(component, 0, 0));
        assert_eq!(samples, [0, 32768, 65535]);
        // Opaque pixels need no alpha.
        let opaque = [0.0, 1.0, 0.5, 1.0];
        let (picture, _) = inspected(Storage::Rgba16Float, (1, 1), &opaque).picture();
        assert!(!picture.format.alpha);
        let clear = [0.0, 1.0, 0.5, 0.25];
        let (picture, range) = inspected(Storage::Rgba32Float, (1, 1), &clear).picture();
        assert_eq!((range.black, range.white), (0.0, 1.0));
        let samples = [0, 1, 2, 3].map(|component| picture.sample(component, 0, 0));
        assert_eq!(samples, [0, 65535, 32768, 16384]);
    }

    #[test]
    fn words_are_a_table() {
        let words = inspected(Storage::Words, (2, 1), &[1.5, f32::NAN]);
        let table = words.table();
        assert!(table.contains("1069547520  1.5e0"), "{table}");
        let json: serde_json::Value = serde_json::from_str(&words.json()).unwrap();
        assert_eq!(json["floats"], serde_json::json!([1.5, null]));
    }
}
