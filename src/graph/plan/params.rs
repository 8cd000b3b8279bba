//! Parameter blocks: what a kernel reads as `params.NAME`, and where it lies.

use super::{ParamsOf, Plan};

/// A member of a parameter block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamField {
    pub name: String,
    /// A colour is three values, a `vec3f` that begins at a multiple of four words; the others are one, an `f32`.
    pub color: bool,
    /// The index of its first value among the values of the block.
    pub value: usize,
    /// Where it begins, in words.
    pub at: usize,
}

impl Plan {
    /// The members of a parameter block, in order. A kernel that reads `params.ink` has the values `ink_r`, `ink_g` and
    /// `ink_b` for it.
    pub fn param_fields(&self, of: ParamsOf) -> Vec<ParamField> {
        let (kernel, params) = match of {
            ParamsOf::Node(node) => (&self.nodes[node].kernel, &self.nodes[node].params),
            ParamsOf::Port(port) => (&self.pack(port).kernel, &self.pack(port).params),
        };
        let color_at = |value: usize| {
            let name = params[value].0.strip_suffix("_r")?;
            let part = |index: usize, ending: &str| {
                let known = params.get(value + index);
                known.is_some_and(|(known, _)| known.strip_suffix(ending) == Some(name))
            };
            let whole =
                kernel.params.contains(name) && params.iter().all(|(known, _)| known != name);
            (whole && part(1, "_g") && part(2, "_b")).then_some(name)
        };
        let mut fields = Vec::new();
        let (mut value, mut at) = (0, 0usize);
        while value < params.len() {
            let color = color_at(value);
            if color.is_some() {
                at = at.next_multiple_of(4);
            }
            fields.push(ParamField {
                name: color.unwrap_or(&params[value].0).to_owned(),
                color: color.is_some(),
                value,
                at,
            });
            let values = if color.is_some() { 3 } else { 1 };
            (value, at) = (value + values, at + values);
        }
        fields
    }

    /// The words of a parameter block: bits of 32-bit floats, with gaps before colours.
    pub fn param_words(&self, of: ParamsOf) -> Vec<u32> {
        let params = match of {
            ParamsOf::Node(node) => &self.nodes[node].params,
            ParamsOf::Port(port) => &self.pack(port).params,
        };
        let fields = self.param_fields(of);
        let mut words = Vec::new();
        for ParamField {
            color, value, at, ..
        } in &fields
        {
            words.resize(*at, 0);
            let values = &params[*value..*value + if *color { 3 } else { 1 }];
            words.extend(values.iter().map(|(_, value)| value.to_bits()));
        }
        if fields.iter().any(|field| field.color) {
            words.resize(words.len().next_multiple_of(4), 0);
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{ImageDesc, Node, NodeKind, SourcePort, Storage};
    use super::*;
    use crate::graph::style::Kernel;

    #[test]
    fn colours_begin_at_whole_vectors() {
        let source = "fn pixel(at: vec2i) -> vec4f {
            let x = params.amount + params.ink_g + params.width_r;
            return vec4f(params.ink * x + params.paper, params.zoom);
        }";
        let names = [
            "amount", "ink_r", "ink_g", "ink_b", "ink_g", "paper_r", "paper_g", "paper_b",
            "width_r", "zoom",
        ];
        let values = names.iter().zip(1u8..);
        let node = Node {
            label: "x".to_owned(),
            kind: NodeKind::Pixel,
            kernel: Arc::new(Kernel::parse("x/k", source)),
            params: values
                .map(|(name, value)| ((*name).to_owned(), f32::from(value)))
                .collect(),
            inputs: Vec::new(),
            image: ImageDesc::new((1, 1), Storage::R32Float),
            tiles: Vec::new(),
            prepare: None,
            decides: false,
            delay: 0,
            across_cuts: false,
        };
        let sources = vec![SourcePort {
            extent: (1, 1),
            format: None,
        }];
        let plan = Plan::of_nodes(sources, vec![node], Vec::new());
        let fields = plan.param_fields(ParamsOf::Node(0));
        let fields: Vec<_> = fields
            .iter()
            .map(|field| (field.name.as_str(), field.color, field.at))
            .collect();
        let expected = [
            ("amount", false, 0),
            ("ink", true, 4),
            ("ink_g", false, 7),
            ("paper", true, 8),
            ("width_r", false, 11),
            ("zoom", false, 12),
        ];
        assert_eq!(fields, expected);
        let words = plan.param_words(ParamsOf::Node(0));
        let words: Vec<f32> = words.into_iter().map(f32::from_bits).collect();
        let expected = [
            1.0, 0.0, 0.0, 0.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 0.0, 0.0, 0.0,
        ];
        assert_eq!(words, expected);
    }
}
