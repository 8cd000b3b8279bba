//! Conversions between the encoded signal and linear light, for passes that ask for the other one.

use std::sync::Arc;

use super::{Expander, Node, NodeId, NodeKind, Operand, Storage};
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
        let path = format!("common/space/{stem}");
        let params = [
            ("gamma", color.transfer.gamma()),
            ("transfer", color.transfer.number()),
        ];
        self.node(Node {
            label: format!("{}/{stem}", self.nodes[id].label),
            kind: NodeKind::Pixel,
            kernel: Arc::new(self.library.kernel(&path)),
            params: params.map(|(name, value)| (name.to_owned(), value)).into(),
            inputs: vec![("image".to_owned(), Operand::Image(id))],
            image: ImageDesc {
                extent,
                // That of a pass's image, also where what it reads is kept in more bits as a history.
                storage: self.storage(storage.channels() as u8),
                color: ColorState {
                    space,
                    coded: None,
                    ..color
                },
                clock,
            },
            delay: 0,
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
