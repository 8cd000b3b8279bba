use std::collections::BTreeSet;

use super::super::{Kernel, Param, StyleError};
use super::{Body, Channels, Pass, PassInput, Style};
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
        let StyleError::Kernel {
            kernel,
            place,
            message,
        } = error
        else {
            return error;
        };
        let folder = origin.strip_suffix("style.toml");
        let file = kernel.strip_prefix(&format!("{}/", self.name));
        let file = folder
            .zip(file)
            .map(|(folder, file)| format!("{folder}{file}"));
        StyleError::Kernel {
            kernel: file.unwrap_or(kernel),
            place,
            message,
        }
    }

    /// Checks that every image read is made by an earlier pass, and that `result` is made. All errors, in their order.
    pub(super) fn check_wiring(&self, origin: &str) -> Vec<StyleError> {
        let mut errors = Vec::new();
        let mut known: BTreeSet<&str> = self.inputs.iter().map(String::as_str).collect();
        known.extend(self.files.iter().map(|file| file.name.as_str()));
        known.extend(self.luts.iter().map(|lut| lut.name.as_str()));
        known.extend(self.tables.iter().map(|table| table.name.as_str()));
        known.insert(Self::PLANES);
        errors.extend(self.check_names_of_images(origin).err());
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
                errors.extend(self.check_kept(origin, &history.name, &made).err());
            }
        }
        for measure in &self.measures {
            errors.extend(made("measure", &measure.name, &measure.of).err());
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
            errors.extend(self.check_images(pass, &known).into_iter().map(fail));
            if let Body::Kernel(kernel) | Body::Compute { kernel, .. } = &pass.body {
                let params = names.iter().map(String::as_str);
                let lets = self.lets.iter().map(|(name, _)| name.as_str());
                let set = pass.set.iter().map(|(name, _)| name.as_str());
                let inputs = pass.inputs.iter().map(|input| input.name.as_str());
                let wrong = kernel.wrong_bindings(inputs, params.chain(lets).chain(set));
                errors.extend(wrong.into_iter().map(|error| self.beside(origin, error)));
                errors.extend(self.check_reads(pass, kernel).into_iter().map(fail));
            }
            known.insert(&pass.out);
        }
        if !known.contains("result") {
            errors.push(StyleError::Manifest {
                manifest: origin.to_owned(),
                message: "no pass has out = \"result\": that is the picture the style makes"
                    .to_owned(),
            });
        }
        errors
    }

    /// What is wrong with the images and the model that `pass` names; `known` are the images before it.
    fn check_images(&self, pass: &Pass, known: &BTreeSet<&str>) -> Vec<String> {
        let mut wrong = Vec::new();
        let unknown = |image: &str| {
            let near = did_you_mean(nearest(image, known.iter().copied()));
            format!("no earlier pass makes the image {image:?}{near}")
        };
        for PassInput { image, window, .. } in &pass.inputs {
            if !known.contains(image.as_str()) {
                wrong.push(unknown(image));
            } else if window.is_some() && matches!(pass.body, Body::Use(_)) {
                wrong.push(format!(
                    "a window of {image:?} cannot be an input of a folder: give the window to a kernel inside that folder"
                ));
            }
        }
        if let Channels::Like(image) = &pass.channels
            && !known.contains(image.as_str())
        {
            wrong.push(unknown(image));
        }
        if let Body::Model { model, .. } = &pass.body {
            let known = self.models.iter().map(|model| model.name.as_str());
            if !known.clone().any(|name| name == model) {
                let near = did_you_mean(nearest(model, known));
                wrong.push(format!("there is no [model.{model}]{near}"));
            }
            if pass.inputs.iter().any(|input| input.window.is_some()) {
                wrong.push(
                    "a model's contract says which frames it sees: give it an image without a window".to_owned(),
                );
            }
        }
        wrong
    }

    /// What is wrong with how `kernel` reads the inputs of its pass.
    fn check_reads(&self, pass: &Pass, kernel: &Kernel) -> Vec<String> {
        let mut wrong = Vec::new();
        for tile in &pass.tiles {
            let name = &tile.input;
            let Some(input) = pass.inputs.iter().find(|input| input.name == *name) else {
                let given = pass.inputs.iter().map(|input| input.name.as_str());
                let near = did_you_mean(nearest(name, given));
                wrong.push(format!("tile: the pass has no input {name:?}{near}"));
                continue;
            };
            let reads = kernel.inputs.get(name).copied().unwrap_or_default();
            if input.window.is_some() || !(reads.near || reads.mirrored) {
                wrong.push(format!(
                    "tile: {name:?} must be an image of one frame that the kernel reads by {name}_near(d) or {name}_mirrored(d)"
                ));
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
                wrong.push(format!(
                    "{name:?} is a window, which {name}_near() and {name}_mirrored() cannot read: use {name}_at(k, p)"
                ));
            }
            if window.is_none() && reads.frames {
                wrong.push(format!(
                    "{name:?} is read with an offset in frames: give it a window, {name} = \"{image}[-1..+1]\""
                ));
            }
            if let Some(window) = window
                && reads.here
            {
                let which = match window.offsets().contains(&0) {
                    true => format!("{name}_here(0) for the current one"),
                    false => format!("{name}_here({})", window.from),
                };
                wrong.push(format!(
                    "{name:?} is a window: give the offset of the frame, such as {which}"
                ));
            }
            let lut = self.luts.iter().any(|lut| lut.name == *image);
            if reads.lut != lut {
                let how = if lut { "is" } else { "is not" };
                wrong.push(format!(
                    "{image:?} {how} a look-up table, which only {name}_trilinear() and {name}_tetrahedral() can read"
                ));
            }
            let table = self.tables.iter().any(|table| table.name == *image);
            if reads.table != table || (table && (reads.here || reads.elsewhere)) {
                let how = if table { "is" } else { "is not" };
                wrong.push(format!(
                    "{image:?} {how} a table of numbers, which only {name}_vec4(i) can read"
                ));
            }
        }
        wrong
    }

    /// Checks that what is declared for kernels to read has a name of its own, which no pass makes.
    fn check_names_of_images(&self, origin: &str) -> Result<(), StyleError> {
        let pictures = self.files.iter().map(|file| ("image", &file.name));
        let tables = self.luts.iter().map(|lut| ("lut", &lut.name));
        let numbers = self.tables.iter().map(|table| ("table", &table.name));
        let tables = tables.chain(numbers);
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
