//! What is fixed for as long as an executor lives is written into the shader, so that drivers fold it: the sizes of images
//! always, the values of parameters in a render.

use std::fmt::Write;

use super::{ParamsAs, Writer};
use crate::graph::plan::{Operand, ParamField, ParamsOf};

impl Writer<'_> {
    /// The values of a parameter block, as arguments of its struct; `None` where they may change.
    ///
    /// They initialise a private variable. A `const` would hold kernels to the rules of constant expressions: a kernel that
    /// guards a division by `params.x` would not compile where `x` is 0.
    pub(super) fn fixed_values(&self, of: ParamsOf, fields: &[ParamField]) -> Option<String> {
        let mut followers = self.plan.tracks.followers.iter();
        let moves = followers.any(|follower| of == ParamsOf::Node(follower.node));
        if self.params == ParamsAs::Uniforms || moves {
            return None;
        }
        let words = self.plan.param_words(of);
        let value = |at: usize| {
            let value = f32::from_bits(words[at]);
            (value.is_finite() && !value.is_subnormal()).then(|| format!("{value:?}f"))
        };
        let mut text = String::new();
        for ParamField { color, at, .. } in fields {
            let separator = if text.is_empty() { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = match color {
                true => write!(
                    text,
                    "{separator}vec3f({}, {}, {})",
                    value(*at)?,
                    value(at + 1)?,
                    value(at + 2)?
                ),
                false => write!(text, "{separator}{}", value(*at)?),
            };
        }
        Some(text)
    }

    /// Width and height of the image of an operand; `None` of files, which the plan knows by name alone.
    pub(super) fn extent_of(&self, operand: Operand) -> Option<(u32, u32)> {
        match operand {
            Operand::Image(node) | Operand::Window(node, _) => {
                Some(self.plan.nodes[node].image.extent)
            }
            Operand::History(index) => Some(self.plan.histories[index].image.extent),
            Operand::Planes(source) => Some(self.plan.sources[source].extent),
            Operand::File(_) => None,
        }
    }

    /// The WGSL of the extent of an operand that is bound as `texture`.
    pub(super) fn extent_text(&self, operand: Operand, texture: &str) -> String {
        match self.extent_of(operand) {
            Some((width, height)) => format!("vec2i({width}, {height})"),
            None => format!("vec2i(textureDimensions({texture}))"),
        }
    }
}
