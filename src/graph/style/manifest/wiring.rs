use std::collections::BTreeSet;

use super::super::{Param, StyleError};
use super::{Body, Channels, PassInput, Style};
use crate::nearest::{did_you_mean, nearest};

impl Style {
    /// Checks that what the history `name` keeps is made by a pass, if need be through other histories.
    fn check_kept(
        &self,
        origin: &str,
        name: &str,
        made: &dyn Fn(&str, &str, &str) -> Result<(), StyleError>,
    ) -> Result<(), StyleError> {
        let mut at = name;
        for _ in 0..=self.histories.len() {
            let Some(history) = self.histories.iter().find(|history| history.name == at) else {
                return match self.inputs.iter().any(|input| input == at) {
                    true => Ok(()),
                    false => made("history", name, at),
                };
            };
            at = &history.of;
        }
        Err(StyleError::Manifest {
            manifest: origin.to_owned(),
            message: format!(
                "[history.{name}]: it keeps itself: of must lead to an image of a pass, or an input"
            ),
        })
    }

    /// `error` with the file of the kernel, which lies beside the manifest.
    fn beside(&self, origin: &str, error: StyleError) -> StyleError {
        let StyleError::Kernel { kernel, message } = error else {
            return error;
        };
        let folder = origin.strip_suffix("style.toml");
        let file = kernel.strip_prefix(&format!("{}/", self.name));
        let file = folder
            .zip(file)
            .map(|(folder, file)| format!("{folder}{file}"));
        StyleError::Kernel {
            kernel: file.unwrap_or(kernel),
            message,
        }
    }

    /// Checks that every image read is made by an earlier pass, and that `result` is made.
    pub(super) fn check_wiring(&self, origin: &str) -> Result<(), StyleError> {
        let mut known: BTreeSet<&str> = self.inputs.iter().map(String::as_str).collect();
        known.extend(self.files.iter().map(|file| file.name.as_str()));
        known.extend(self.luts.iter().map(|lut| lut.name.as_str()));
        known.insert(Self::PLANES);
        self.check_names_of_images(origin)?;
        let made = |section: &str, name: &str, of: &str| {
            if self.passes.iter().any(|pass| pass.out == of) {
                return Ok(());
            }
            Err(StyleError::Manifest {
                manifest: origin.to_owned(),
                message: format!("[{section}.{name}]: no pass has out = {of:?}"),
            })
        };
        for history in &self.histories {
            known.insert(&history.name);
            if !self.inputs.contains(&history.of) {
                self.check_kept(origin, &history.name, &made)?;
            }
        }
        for measure in &self.measures {
            made("measure", &measure.name, &measure.of)?;
        }
        let mut names: Vec<String> = self.params.iter().flat_map(Param::names).collect();
        let colors = self
            .params
            .iter()
            .filter(|param| self.is_color(&param.name));
        names.extend(colors.map(|param| param.name.clone()));
        for (index, pass) in self.passes.iter().enumerate() {
            let fail = |message| StyleError::Pass {
                manifest: origin.to_owned(),
                pass: index + 1,
                message,
            };
            let unknown = |image: &str| {
                let near = did_you_mean(nearest(image, known.iter().copied()));
                fail(format!("no earlier pass makes the image {image:?}{near}"))
            };
            for PassInput { image, window, .. } in &pass.inputs {
                if !known.contains(image.as_str()) {
                    return Err(unknown(image));
                }
                if window.is_some() && matches!(pass.body, Body::Use(_)) {
                    return Err(fail(format!(
                        "a window of {image:?} cannot be an input of a folder: give the window to a kernel inside that folder"
                    )));
                }
            }
            if let Channels::Like(image) = &pass.channels
                && !known.contains(image.as_str())
            {
                return Err(unknown(image));
            }
            if let Body::Model { model, .. } = &pass.body {
                let known = self.models.iter().map(|model| model.name.as_str());
                if !known.clone().any(|name| name == model) {
                    let near = did_you_mean(nearest(model, known));
                    return Err(fail(format!("there is no [model.{model}]{near}")));
                }
                if pass.inputs.iter().any(|input| input.window.is_some()) {
                    return Err(fail(
                        "a model's contract says which frames it sees: give it an image without a window".to_owned(),
                    ));
                }
            }
            if let Body::Kernel(kernel) | Body::Compute { kernel, .. } = &pass.body {
                let params = names.iter().map(String::as_str);
                let lets = self.lets.iter().map(|(name, _)| name.as_str());
                let set = pass.set.iter().map(|(name, _)| name.as_str());
                let inputs = pass.inputs.iter().map(|input| input.name.as_str());
                let checked = kernel.check_bindings(inputs, params.chain(lets).chain(set));
                checked.map_err(|error| self.beside(origin, error))?;
                for tile in &pass.tiles {
                    let name = &tile.input;
                    let Some(input) = pass.inputs.iter().find(|input| input.name == *name) else {
                        let given = pass.inputs.iter().map(|input| input.name.as_str());
                        let near = did_you_mean(nearest(name, given));
                        return Err(fail(format!("tile: the pass has no input {name:?}{near}")));
                    };
                    let reads = kernel.inputs.get(name).copied().unwrap_or_default();
                    if input.window.is_some() || !(reads.near || reads.mirrored) {
                        return Err(fail(format!(
                            "tile: {name:?} must be an image of one frame that the kernel reads by {name}_near(d) or {name}_mirrored(d)"
                        )));
                    }
                }
                for PassInput {
                    name,
                    image,
                    window,
                } in &pass.inputs
                {
                    // What it does not read is warned of.
                    let Some(reads) = kernel.inputs.get(name) else {
                        continue;
                    };
                    if window.is_some() && (reads.near || reads.mirrored) {
                        return Err(fail(format!(
                            "{name:?} is a window, which {name}_near() and {name}_mirrored() cannot read: use {name}_at(k, p)"
                        )));
                    }
                    if window.is_none() && reads.frames {
                        return Err(fail(format!(
                            "{name:?} is read with an offset in frames: give it a window, {name} = \"{image}[-1..+1]\""
                        )));
                    }
                    if let Some(window) = window
                        && reads.here
                    {
                        let which = match window.offsets().contains(&0) {
                            true => format!("{name}_here(0) for the current one"),
                            false => format!("{name}_here({})", window.from),
                        };
                        return Err(fail(format!(
                            "{name:?} is a window: give the offset of the frame, such as {which}"
                        )));
                    }
                    let lut = self.luts.iter().any(|lut| lut.name == *image);
                    if reads.lut != lut {
                        let how = if lut { "is" } else { "is not" };
                        return Err(fail(format!(
                            "{image:?} {how} a look-up table, which only {name}_trilinear() and {name}_tetrahedral() can read"
                        )));
                    }
                }
            }
            known.insert(&pass.out);
        }
        if known.contains("result") {
            Ok(())
        } else {
            Err(StyleError::Manifest {
                manifest: origin.to_owned(),
                message: "no pass has out = \"result\": that is the picture the style makes"
                    .to_owned(),
            })
        }
    }

    /// Checks that what is declared for kernels to read has a name of its own, which no pass makes.
    fn check_names_of_images(&self, origin: &str) -> Result<(), StyleError> {
        let pictures = self.files.iter().map(|file| ("image", &file.name));
        let tables = self.luts.iter().map(|lut| ("lut", &lut.name));
        let histories = self.histories.iter().map(|kept| ("history", &kept.name));
        let mut seen = BTreeSet::new();
        for (section, name) in pictures.chain(tables).chain(histories) {
            let taken = if self.inputs.contains(name) {
                "is an input"
            } else if name == Self::PLANES {
                "is what the decoder's planes are called"
            } else if self.passes.iter().any(|pass| pass.out == *name) {
                "is an image that a pass makes"
            } else if !seen.insert(name) {
                "is declared twice, in different sections"
            } else {
                continue;
            };
            return Err(StyleError::Manifest {
                manifest: origin.to_owned(),
                message: format!("[{section}.{name}]: {name:?} {taken}: call it something else"),
            });
        }
        Ok(())
    }
}
