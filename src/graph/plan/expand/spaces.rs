//! Conversions between the encoded signal and linear light, for passes that ask for the other one.

use std::sync::Arc;

use super::{Expander, Node, NodeId, NodeKind, Operand, Storage};
use crate::color::Transfer;
use crate::graph::plan::{ColorState, ImageDesc};
use crate::graph::style::{Space, StyleError};

impl Expander<'_> {
    /// What `operand` is bound to, converted to `space` if one is given. Histories and files are not converted.
    pub(super) fn operand_in(&mut self, operand: Operand, space: Option<Space>) -> Operand {
        match (operand, space) {
            (Operand::Image(id), Some(space)) => Operand::Image(self.in_space(id, space)),
            (Operand::Window(id, window), Some(space)) => {
                Operand::Window(self.in_space(id, space), window)
            }
            (other, _) => other,
        }
    }

    /// The image `id`, or its conversion to `space`.
    pub(super) fn in_space(&mut self, id: NodeId, space: Space) -> NodeId {
        let ImageDesc {
            extent,
            storage,
            color,
            clock,
        } = self.nodes[id].image;
        if color.space == space || storage == Storage::Words {
            return id;
        }
        let stem = match space {
            Space::Linear => "light",
            Space::Coded => "signal",
        };
        let params = [color.transfer.gamma(), color.transfer.number()];
        let image = ImageDesc {
            extent,
            // That of a pass's image, also where what it reads is kept in more bits as a history.
            storage: self.storage(storage.channels() as u8),
            color: ColorState {
                space,
                coded: None,
                ..color
            },
            clock,
        };
        self.converted(id, stem, params, image)
    }

    /// The image `id`, which is linear light, as the signal that the curve of sRGB makes of it.
    pub(super) fn with_srgb(&mut self, id: NodeId) -> NodeId {
        /// Its number in `common/transfer.wgsl`, and the power that it is near.
        const SRGB: (f32, f32) = (3.0, 2.2);
        let light = self.nodes[id].image;
        let color = ColorState {
            transfer: Transfer::Power(SRGB.1),
            ..light.color
        };
        let image = ImageDesc { color, ..light };
        self.converted(id, "signal", [SRGB.1, SRGB.0], image)
    }

    /// The image `id`, converted by the kernel `common/space/STEM` with these values of `gamma` and `transfer`.
    fn converted(
        &mut self,
        id: NodeId,
        stem: &str,
        [gamma, transfer]: [f32; 2],
        image: ImageDesc,
    ) -> NodeId {
        let path = format!("common/space/{stem}");
        let params = [("gamma", gamma), ("transfer", transfer)];
        self.node(Node {
            label: format!("{}/{stem}", self.nodes[id].label),
            kind: NodeKind::Pixel,
            kernel: Arc::new(self.library.kernel(&path)),
            params: params.map(|(name, value)| (name.to_owned(), value)).into(),
            inputs: vec![("image".to_owned(), Operand::Image(id))],
            image,
            tiles: Vec::new(),
            prepare: None,
            decides: false,
            delay: 0,
            across_cuts: false,
        })
    }

    /// Runs `work` with `space` as the default for passes that set none.
    pub(super) fn with_space<T>(
        &mut self,
        space: Option<Space>,
        work: impl FnOnce(&mut Self) -> Result<T, StyleError>,
    ) -> Result<T, StyleError> {
        let outer = std::mem::replace(&mut self.space, space);
        let done = work(self);
        self.space = outer;
        done
    }
}
