//! Compares a style with pictures that were kept of it.

use std::path::{Path, PathBuf};

use super::super::device::Choice;
use super::super::error::{RenderError, Result};
use super::super::pending_output::write_picture;
use super::super::settings::Existing;
use super::fourth::{fourth_frame, takes_a_picture};
use super::new::GOLDEN;
use super::scenes::{self, SCENES, codes};
use crate::frame::{Model, Picture};
use crate::graph::gpu::{GpuPool, Wanted};
use crate::graph::plan::StyleUse;
use crate::graph::style::Library;
use crate::media::{MediaError, read_image};

/// Of so many samples, one may differ by more than the tolerance: where a decision falls on a border, devices may differ.
const ONE_OF: usize = 1000;
/// How much stronger than it is a difference is shown.
const STRONGER: u32 = 8;
/// The folder for pictures that differ, in that of the golden pictures.
const REPORT: &str = "report";

/// How golden pictures are compared.
#[derive(Clone, Debug)]
pub struct GoldenTest {
    /// Write the pictures instead.
    pub bless: bool,
    /// Codes of 8 bits that a sample may differ by.
    pub tolerance: u8,
    /// Where pictures that differ are written; none for `golden/report` in the style's folder.
    pub report: Option<PathBuf>,
    pub device: Wanted,
}

/// What came of one scene.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was written.
    Blessed,
    /// It is as it was, up to small differences: the largest.
    Same { largest: u8 },
    /// There is no golden picture.
    Missing,
    /// It differs.
    Differs {
        why: String,
        /// Where the pictures were written.
        report: PathBuf,
    },
}

/// A style, one of the scenes, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    pub style: String,
    pub scene: &'static str,
    /// The golden picture.
    pub golden: PathBuf,
    pub outcome: Outcome,
}

impl GoldenTest {
    /// Renders the scenes in the style `name`, which lies in a folder of the author's. `warn` is told of the choice of the device.
    ///
    /// # Errors
    /// `Usage` for a style that is in no folder or takes no picture; those of rendering, reading and writing.
    pub fn run(
        &self,
        library: &Library,
        name: &str,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Vec<Compared>> {
        let style = library.load(name)?;
        let folder = library.folder_of(name).filter(|folder| folder.is_dir());
        let folder = folder.ok_or_else(|| {
            RenderError::usage(
                format!("the style {name} has no folder for its pictures"),
                "name a style's own folder; unpack an archive",
            )
        })?;
        takes_a_picture(&style)?;
        let mut compared = Vec::new();
        for scene in SCENES {
            let plan = scenes::plan_of(library, StyleUse::new(style.clone()))?;
            let (choice, warning) = Choice::of(&self.device, &plan, &GpuPool::default())?;
            if let (Some(warning), true) = (warning, compared.is_empty()) {
                warn(&warning);
            }
            let picture = fourth_frame(library, plan, scene, &choice)?;
            let golden = folder.join(GOLDEN).join(format!("{}.png", scene.0));
            let outcome = match self.bless {
                true => {
                    create(&folder.join(GOLDEN))?;
                    write_picture(&golden, &picture, Existing::Replace)?;
                    Outcome::Blessed
                }
                false => self.outcome(&folder, scene.0, &golden, &picture)?,
            };
            compared.push(Compared {
                style: name.to_owned(),
                scene: scene.0,
                golden,
                outcome,
            });
        }
        Ok(compared)
    }

    fn outcome(&self, folder: &Path, scene: &str, golden: &Path, got: &Picture) -> Result<Outcome> {
        let report = self.report.clone();
        let report = report.unwrap_or_else(|| folder.join(GOLDEN).join(REPORT));
        let files = ["expected", "got", "difference"]
            .map(|what| report.join(format!("{scene}.{what}.png")));
        // Those of an earlier run.
        for file in &files {
            let _ = std::fs::remove_file(file);
        }
        if !golden.is_file() {
            return Ok(Outcome::Missing);
        }
        let expected = read_image(golden)?;
        let why = match different(&expected, got, self.tolerance) {
            Ok(largest) => {
                // Only where nothing else is in it.
                let _ = std::fs::remove_dir(&report);
                return Ok(Outcome::Same { largest });
            }
            Err(why) => why,
        };
        create(&report)?;
        std::fs::copy(golden, &files[0]).map_err(|error| MediaError::write(&files[0], error))?;
        write_picture(&files[1], got, Existing::Replace)?;
        if (expected.width, expected.height) == (got.width, got.height) {
            write_picture(&files[2], &difference(&expected, got), Existing::Replace)?;
        }
        Ok(Outcome::Differs { why, report })
    }
}

fn create(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| RenderError::CannotCreate {
        path: folder.to_owned(),
        why: error.to_string(),
    })
}

/// The largest difference of two pictures; an error, in words, where more samples than may differ by more than `tolerance`.
fn different(expected: &Picture, got: &Picture, tolerance: u8) -> std::result::Result<u8, String> {
    let (width, height) = (expected.width, expected.height);
    if (width, height) != (got.width, got.height) {
        return Err(format!(
            "it has {}x{} pixels, and {width}x{height} are expected",
            got.width, got.height
        ));
    }
    if expected.format.model != Model::Rgb {
        return Err("the golden picture is not RGB: write it anew with --bless".to_owned());
    }
    let (mut largest, mut beyond, mut all) = (0, 0, 0);
    for (a, b) in codes(expected).zip(codes(got)) {
        let apart = a.abs_diff(b);
        largest = largest.max(apart);
        beyond += usize::from(apart > tolerance);
        all += 1;
    }
    if beyond * ONE_OF <= all {
        return Ok(largest);
    }
    let share = 100.0 * beyond as f64 / all as f64;
    Err(format!(
        "{share:.1} % of its samples differ by more than {tolerance} codes, the largest by {largest}"
    ))
}

/// Where two pictures of the same size differ: black where they are equal.
fn difference(expected: &Picture, got: &Picture) -> Picture {
    let apart = codes(expected).zip(codes(got)).map(|(a, b)| {
        let shown = u32::from(a.abs_diff(b)) * STRONGER;
        shown.min(255) as u8
    });
    let bytes: Vec<u8> = apart.collect();
    scenes::picture((got.width, got.height), &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_differences_are_allowed_and_larger_ones_are_told() {
        let size = (40, 25);
        let gray = scenes::picture(size, &[100; 3000]);
        let mut bytes = [100; 3000];
        assert_eq!(different(&gray, &gray, 0), Ok(0));
        // Three samples of 3000 may be far away.
        bytes[..3].copy_from_slice(&[200; 3]);
        assert_eq!(different(&gray, &scenes::picture(size, &bytes), 3), Ok(100));
        bytes[3] = 104;
        let many = scenes::picture(size, &bytes);
        assert_eq!(different(&gray, &many, 4), Ok(100));
        let why = different(&gray, &many, 3).unwrap_err();
        assert!(
            why.contains("0.1 % of its samples") && why.contains("by 100"),
            "{why}"
        );
        let shown = difference(&gray, &many);
        assert_eq!([0, 1].map(|x| shown.sample(0, x, 0)), [255, 32]);
        assert_eq!(shown.sample(0, 2, 0), 0);
        let other = different(&scenes::picture((25, 40), &[100; 3000]), &gray, 3).unwrap_err();
        assert!(other.contains("40x25 pixels, and 25x40"), "{other}");
    }
}
