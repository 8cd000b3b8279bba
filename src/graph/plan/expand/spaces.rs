//! Conversions between the signal as encoded and the light that it stands for, where a pass asks for the other.

use std::sync::Arc;

use super::{Expander, Node, NodeId, NodeKind, Operand, Storage};
use crate::graph::plan::{ColorState, ImageDesc, Kernel};
use crate::graph::style::{Space, StyleError};

impl Expander<'_> {
    /// What `operand` is bound to, in `space` where one is asked for. Histories and files stay what they are.
    pub(super) fn operand_in(&mut self, operand: Operand, space: Option<Space>) -> Operand {
        match (operand, space) {
            (Operand::Image(id), Some(space)) => Operand::Image(self.in_space(id, space)),
            (Operand::Window(id, window), Some(space)) => {
                Operand::Window(self.in_space(id, space), window)
            }
            (other, _) => other,
        }
    }

    /// The image of `id`, or what it is in `space`.
    pub(super) fn in_space(&mut self, id: NodeId, space: Space) -> NodeId {
        let ImageDesc {
            extent,
            storage,
            color,
        } = self.nodes[id].image;
        if color.space == space || storage == Storage::Words {
            return id;
        }
        let stem = match space {
            Space::Linear => "light",
            Space::Coded => "signal",
        };
        let path = format!("common/space/{stem}");
        let source = self.library.source(&path).unwrap_or_default();
        let params = [
            ("gamma", color.transfer.gamma()),
            ("transfer", color.transfer.number()),
        ];
        self.node(Node {
            label: format!("{}/{stem}", self.nodes[id].label),
            kind: NodeKind::Pixel,
            kernel: Arc::new(Kernel::parse(&path, source)),
            params: params.map(|(name, value)| (name.to_owned(), value)).into(),
            inputs: vec![("image".to_owned(), Operand::Image(id))],
            image: ImageDesc {
                extent,
                storage,
                color: ColorState {
                    space,
                    coded: None,
                    ..color
                },
            },
            delay: 0,
        })
    }

    /// Does `work` with `space` as that of passes that do not say theirs.
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
