//! Histories of a fragment, and the averages over time that passes ask for.

use std::collections::BTreeMap;

use super::super::{History, ImageDesc, NodeId, Operand, Storage, StyleError, Temporal};
use super::{Expander, Instance, Names};
use crate::graph::style::{Channels, HistoryShape, Space};

impl Expander<'_> {
    /// The history `name` of an instance of a fragment.
    pub(super) fn history(
        &mut self,
        instance: &Instance<'_>,
        name: &str,
        shape: &HistoryShape,
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
                    storage: lasting(channels),
                    ..node(port)?.image
                }
            }
        };
        self.histories.push(History {
            label,
            commit: NodeId::MAX,
            image,
        });
        self.remembered.insert(key, self.histories.len() - 1);
        Ok(self.histories.len() - 1)
    }

    /// Closes the loop: `of` is the image that is copied to history `index` after each frame.
    pub(super) fn commit(
        &mut self,
        instance: &Instance<'_>,
        index: usize,
        of: &str,
        images: &BTreeMap<String, Operand>,
    ) -> Result<(), StyleError> {
        let history = &mut self.histories[index];
        let Some(Operand::Image(id)) = images.get(of) else {
            return Err(instance.error(format!(
                "{} keeps the image {of:?}, which no pass makes with these parameters",
                history.label
            )));
        };
        let (made, kept) = (&self.nodes[*id].image, &history.image);
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
        history.commit = *id;
        history.image.clock = made.clock;
        Ok(())
    }

    /// `image`, averaged over time as the user has chosen.
    pub(super) fn averaged(
        &mut self,
        instance: &Instance<'_>,
        image: NodeId,
        out: &str,
    ) -> Result<NodeId, StyleError> {
        let mut inputs = BTreeMap::from([("image".to_owned(), image)]);
        let (folder, alpha) = match self.temporal {
            Temporal::Off => return Ok(image),
            Temporal::Ema { alpha } => ("temporal/ema", alpha),
            Temporal::Adaptive { alpha } => {
                inputs.insert("motion".to_owned(), self.motion()?);
                ("temporal/adaptive", alpha)
            }
        };
        let fragment = self.load(folder)?;
        let values = Names::from([("alpha".to_owned(), f64::from(alpha).into())]);
        let label = format!("{}/{out}/steady", instance.label);
        // The average has the image's colour meaning; the motion map has none.
        let none = BTreeMap::new();
        self.with_space(None, |this| {
            this.fragment(
                &fragment,
                &inputs,
                values,
                &none,
                &label,
                instance.level + 1,
            )
        })
    }

    /// Where the source moved. All styles share this map.
    fn motion(&mut self) -> Result<NodeId, StyleError> {
        let source = self.unpack()?;
        let fragment = self.load("temporal/motion")?;
        let inputs = BTreeMap::from([("image".to_owned(), source)]);
        let none = BTreeMap::new();
        self.with_space(Some(Space::Coded), |this| {
            this.fragment(&fragment, &inputs, Names::new(), &none, "motion", 1)
        })
    }
}

/// Storage of an image that accumulates over frames. Half floats would stop short of the value they converge to.
pub(super) fn lasting(channels: usize) -> Storage {
    if channels == 1 {
        Storage::R32Float
    } else {
        Storage::Rgba32Float
    }
}
