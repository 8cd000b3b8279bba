//! Histories of a fragment, and the averages over time that passes ask for.

use std::collections::BTreeMap;

use super::super::image::FIXED_STEPS;
use super::super::{
    ColorState, History, ImageDesc, NodeId, Operand, Storage, StyleError, Temporal,
};
use super::{Expander, Instance, Names};
use crate::graph::style::{Averaging, Channels, HistoryOf, HistoryShape, Space};

impl Expander<'_> {
    /// The history `name` of an instance of a fragment.
    pub(super) fn history(
        &mut self,
        instance: &Instance<'_>,
        (name, shape, across_cuts): (&str, &HistoryShape, bool),
        names: &Names,
        inputs: &BTreeMap<String, NodeId>,
        given: &str,
    ) -> Result<usize, StyleError> {
        let label = format!("{}/{name}", instance.label);
        let key = format!("{label} {given}");
        if let Some(known) = self.remembered.get(&key) {
            return Ok(*known);
        }
        let image = match shape {
            // It is known when the image has been made.
            HistoryShape::Same => ImageDesc::new((0, 0), Storage::Rgba32Float),
            HistoryShape::Words(count) => {
                ImageDesc::new(instance.words(&self.tracks, count, names)?, Storage::Words)
            }
            HistoryShape::Like(port, channels) => {
                let node = |port: &String| {
                    let id = inputs.get(port);
                    id.map(|id| &self.nodes[*id]).ok_or_else(|| {
                        instance.error(format!("[history.{name}]: there is no input {port:?}"))
                    })
                };
                let channels = match channels {
                    Channels::One => 1,
                    Channels::Four => 4,
                    Channels::Like(port) => node(port)?.image.storage.channels(),
                };
                ImageDesc {
                    storage: self.lasting(channels),
                    ..node(port)?.image
                }
            }
        };
        self.histories.push(History {
            label,
            commit: NodeId::MAX,
            image,
            across_cuts,
        });
        self.remembered.insert(key, self.histories.len() - 1);
        Ok(self.histories.len() - 1)
    }

    /// Closes the loops: after each frame, each of `histories` becomes a copy of what it keeps, an image or what another
    /// history was before.
    pub(super) fn commit_all(
        &mut self,
        instance: &Instance<'_>,
        histories: &[(usize, &HistoryOf)],
        images: &BTreeMap<String, Operand>,
    ) -> Result<(), StyleError> {
        let mut waiting = histories.to_vec();
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut later = Vec::new();
            for (index, declared) in waiting {
                let known = images.get(&declared.of);
                match known {
                    // Its shape is that of a history which is not known yet.
                    Some(Operand::History(of)) if self.histories[*of].commit == NodeId::MAX => {
                        later.push((index, declared));
                    }
                    _ => self.commit(instance, index, declared, known)?,
                }
            }
            if later.len() == before {
                return Err(instance.error("histories keep each other in a circle".to_owned()));
            }
            waiting = later;
        }
        Ok(())
    }

    fn commit(
        &mut self,
        instance: &Instance<'_>,
        index: usize,
        declared: &HistoryOf,
        kept: Option<&Operand>,
    ) -> Result<(), StyleError> {
        let of = &declared.of;
        let label = format!("{}/kept", self.histories[index].label);
        let id = match kept {
            Some(Operand::Image(id)) => {
                let image = self.nodes[*id].image;
                match image.storage {
                    Storage::Rgba16Float => self.copy(Operand::Image(*id), image, label),
                    Storage::Rgba16Fixed if !self.fixed => {
                        self.copy(Operand::Image(*id), image, label)
                    }
                    _ => *id,
                }
            }
            Some(Operand::History(of)) => {
                let image = self.histories[*of].image;
                if image.storage == Storage::Words {
                    return Err(instance.error(format!(
                        "[history.{}]: a history of words cannot be kept again: have a pass copy the words",
                        declared.name
                    )));
                }
                self.copy(Operand::History(*of), image, label)
            }
            _ => {
                return Err(instance.error(format!(
                    "{} keeps the image {of:?}, which no pass makes with these parameters",
                    self.histories[index].label
                )));
            }
        };
        let made = self.nodes[id].image;
        let history = &mut self.histories[index];
        if matches!(declared.shape, HistoryShape::Same) {
            history.image = made;
        }
        let kept = &history.image;
        if (made.extent, made.storage) != (kept.extent, kept.storage) {
            return Err(instance.error(format!(
                "{} holds {}x{} {:?}, but {of:?} is {}x{} {:?}",
                history.label,
                kept.extent.0,
                kept.extent.1,
                kept.storage,
                made.extent.0,
                made.extent.1,
                made.storage
            )));
        }
        history.commit = id;
        history.image.clock = made.clock;
        Ok(())
    }

    /// The history `name` as an image, which a folder can be given. Its shape must be known: that of an input, or of an
    /// image that an earlier pass has made.
    pub(super) fn image_of_history(
        &mut self,
        instance: &Instance<'_>,
        name: &str,
        of: usize,
        images: &BTreeMap<String, Operand>,
        label: String,
    ) -> Result<NodeId, StyleError> {
        let declared = instance.style.histories.iter();
        let kept = declared
            .filter(|history| history.name == name)
            .find_map(|history| images.get(&history.of));
        let image = match (self.histories[of].image, kept) {
            (image, _) if image.storage == Storage::Words => {
                return Err(instance.error(format!(
                    "{name:?} is words, which cannot be an input of a folder"
                )));
            }
            (image, _) if image.extent != (0, 0) => image,
            (_, Some(Operand::Image(id))) => self.nodes[*id].image,
            _ => {
                return Err(instance.error(format!(
                    "the size of {name:?} is not known yet: give it to the folder after the pass that makes what it keeps, or say like = \"INPUT\" in [history.{name}]"
                )));
            }
        };
        Ok(self.copy(Operand::History(of), image, label))
    }

    /// A copy of what `input` is, with 32 bits a channel.
    fn copy(&mut self, input: Operand, image: ImageDesc, label: String) -> NodeId {
        let image = ImageDesc {
            storage: self.lasting(image.storage.channels()),
            color: ColorState {
                coded: None,
                ..image.color
            },
            ..image
        };
        self.copy_of(input, image, label)
    }

    /// `image`, averaged over time as the user has chosen.
    pub(super) fn averaged(
        &mut self,
        instance: &Instance<'_>,
        image: NodeId,
        out: &str,
        averaging: Averaging,
    ) -> Result<NodeId, StyleError> {
        let mut inputs = BTreeMap::from([("image".to_owned(), image)]);
        let (folder, alpha) = match self.temporal {
            Temporal::Off => return Ok(image),
            Temporal::Ema { alpha } => ("temporal/ema", alpha),
            Temporal::Adaptive { alpha } => {
                inputs.insert(
                    "motion".to_owned(),
                    self.of_source("temporal/motion", "motion")?,
                );
                ("temporal/adaptive", alpha)
            }
            Temporal::Flow { alpha } => {
                if self.nodes[image].image.clock != 0 {
                    return Err(instance.error(format!(
                        "{out:?} is made at another rate than the source's, whose motion temporal = flow follows: choose temporal = adaptive, or off"
                    )));
                }
                inputs.insert(
                    "vectors".to_owned(),
                    self.of_source("temporal/vectors", "flow")?,
                );
                ("temporal/flow", alpha)
            }
        };
        let fragment = self.load(folder)?;
        let before = self.fixed;
        self.fixed = averaging == Averaging::Signal && self.fixed_holds(alpha);
        let values = Names::from([("alpha".to_owned(), f64::from(alpha).into())]);
        let label = format!("{}/{out}/steady", instance.label);
        // The average has the image's colour meaning; what says how the source moved has none.
        let none = BTreeMap::new();
        let made = self.with_space(None, |this| {
            this.fragment(
                &fragment,
                &inputs,
                values,
                &none,
                &label,
                instance.level + 1,
            )
        });
        self.fixed = before;
        made
    }

    /// Whether 16-bit fixed-point numbers hold an average in which a new frame has the weight `alpha`.
    ///
    /// An average no longer moves when its next change would be less than half a step. Then it is up to half a step /
    /// `alpha` from the value that it should reach; that may be an eighth of a code value of the source.
    fn fixed_holds(&self, alpha: f32) -> bool {
        let Some((format, _)) = &self.source.coded else {
            return false;
        };
        let codes = |steps: f32| steps / FIXED_STEPS * format.one();
        !format.is_float() && codes(0.5 / alpha) <= 0.125
    }

    /// Storage of an image that accumulates over frames. Half floats would stop short of the value they converge to.
    pub(super) fn lasting(&self, channels: usize) -> Storage {
        match channels {
            1 => Storage::R32Float,
            _ if self.fixed => Storage::Rgba16Fixed,
            _ => Storage::Rgba32Float,
        }
    }

    /// What the fragment `folder` makes of the source's picture: how it moved. All styles share it.
    fn of_source(&mut self, folder: &str, label: &str) -> Result<NodeId, StyleError> {
        let source = self.unpack()?;
        let fragment = self.load(folder)?;
        let inputs = BTreeMap::from([("image".to_owned(), source)]);
        let none = BTreeMap::new();
        self.with_space(Some(Space::Coded), |this| {
            this.fragment(&fragment, &inputs, Names::new(), &none, label, 1)
        })
    }
}
