//! Tiny models for tests, written by hand.

use super::header::Dim;

/// A model that tests change as they like.
#[derive(Clone, Default)]
pub struct Made {
    nodes: Vec<Vec<u8>>,
    weights: Vec<Vec<u8>>,
    inputs: Vec<Vec<u8>>,
    outputs: Vec<Vec<u8>>,
}

/// Axes from words: numbers are fixed, `?` is free, all else a name.
pub fn dims(words: &str) -> Vec<Dim> {
    let words = words.split(',').filter(|word| !word.is_empty());
    words
        .map(|word| match word.parse() {
            Ok(length) => Dim::Fixed(length),
            Err(_) if word == "?" => Dim::Free,
            Err(_) => Dim::Named(word.to_owned()),
        })
        .collect()
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn number(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3);
    varint(out, value);
}

fn bytes(out: &mut Vec<u8>, field: u64, value: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

fn value_info(name: &str, element: u64, shape: &[Dim]) -> Vec<u8> {
    let mut all = Vec::new();
    for dim in shape {
        let mut axis = Vec::new();
        match dim {
            Dim::Fixed(length) => number(&mut axis, 1, *length),
            Dim::Named(name) => bytes(&mut axis, 2, name.as_bytes()),
            Dim::Free => {}
        }
        bytes(&mut all, 1, &axis);
    }
    let mut dense = Vec::new();
    number(&mut dense, 1, element);
    bytes(&mut dense, 2, &all);
    let mut kind = Vec::new();
    bytes(&mut kind, 1, &dense);
    let mut info = Vec::new();
    bytes(&mut info, 1, name.as_bytes());
    bytes(&mut info, 2, &kind);
    info
}

fn node(op: &str, domain: &str, inputs: &[&str], outputs: &[&str]) -> Vec<u8> {
    let mut node = Vec::new();
    for input in inputs {
        bytes(&mut node, 1, input.as_bytes());
    }
    for output in outputs {
        bytes(&mut node, 2, output.as_bytes());
    }
    bytes(&mut node, 4, op.as_bytes());
    if !domain.is_empty() {
        bytes(&mut node, 7, domain.as_bytes());
    }
    node
}

fn weight(name: &str, shape: &[u64], values: &[f32]) -> Vec<u8> {
    let mut tensor = Vec::new();
    for length in shape {
        number(&mut tensor, 1, *length);
    }
    number(&mut tensor, 2, 1);
    bytes(&mut tensor, 8, name.as_bytes());
    let raw: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    bytes(&mut tensor, 9, &raw);
    tensor
}

fn external_tensor(name: &str, location: &str, offset: u64, length: u64) -> Vec<u8> {
    let mut tensor = Vec::new();
    number(&mut tensor, 1, length / 4);
    number(&mut tensor, 2, 1);
    bytes(&mut tensor, 8, name.as_bytes());
    let entries = [
        ("location", location.to_owned()),
        ("offset", offset.to_string()),
        ("length", length.to_string()),
    ];
    for (key, value) in entries {
        let mut entry = Vec::new();
        bytes(&mut entry, 1, key.as_bytes());
        bytes(&mut entry, 2, value.as_bytes());
        bytes(&mut tensor, 13, &entry);
    }
    number(&mut tensor, 14, 1);
    tensor
}

/// The number that stands for f32, and for f16.
pub const F32: u64 = 1;
pub const F16: u64 = 10;

impl Made {
    /// Gives `in` as `out`.
    pub fn identity(shape: Vec<Dim>) -> Self {
        let mut made = Self::default();
        made.input("in", F32, &shape);
        made.output("out", F32, &shape);
        made.nodes.push(node("Identity", "", &["in"], &["out"]));
        made
    }

    /// As [`Self::identity`], in 16-bit floats.
    pub fn identity_f16(shape: Vec<Dim>) -> Self {
        let mut made = Self::default();
        made.input("in", F16, &shape);
        made.output("out", F16, &shape);
        made.nodes.push(node("Identity", "", &["in"], &["out"]));
        made
    }

    /// Gives each pixel of the NCHW picture `in` `scale` × `scale` times, as `out`.
    pub fn resize(shape: Vec<Dim>, scale: u64) -> Self {
        let mut made = Self::default();
        made.input("in", F32, &shape);
        let larger = |dim: &Dim| match dim {
            Dim::Fixed(length) => Dim::Fixed(length * scale),
            Dim::Named(_) | Dim::Free => Dim::Free,
        };
        let mut out = shape;
        for axis in [2, 3] {
            out[axis] = larger(&out[axis]);
        }
        made.output("out", F32, &out);
        let scale = scale as f32;
        let scales = weight("scales", &[4], &[1.0, 1.0, scale, scale]);
        made.weights.push(scales);
        let mut resize = node("Resize", "", &["in", "", "scales"], &["out"]);
        for (name, value) in [
            ("mode", "nearest"),
            ("coordinate_transformation_mode", "asymmetric"),
            ("nearest_mode", "floor"),
        ] {
            let mut attribute = Vec::new();
            bytes(&mut attribute, 1, name.as_bytes());
            bytes(&mut attribute, 4, value.as_bytes());
            number(&mut attribute, 20, 3);
            bytes(&mut resize, 5, &attribute);
        }
        made.nodes.push(resize);
        made
    }

    /// The sum of the picture `in` and the number `strength`, as `out`.
    pub fn added(shape: Vec<Dim>) -> Self {
        let mut made = Self::default();
        made.input("in", F32, &shape);
        made.input("strength", F32, &dims("1"));
        made.output("out", F32, &shape);
        made.nodes
            .push(node("Add", "", &["in", "strength"], &["out"]));
        made
    }

    /// The logarithm of `in` as `out`: of numbers below 0, no number.
    pub fn logarithm(shape: Vec<Dim>) -> Self {
        let mut made = Self::default();
        made.input("in", F32, &shape);
        made.output("out", F32, &shape);
        made.nodes.push(node("Log", "", &["in"], &["out"]));
        made
    }

    /// Means of blocks of 2 × 2 pixels, each four times: sides that are odd come out shorter.
    pub fn even_only(shape: Vec<Dim>) -> Self {
        let mut made = Self::resize(shape, 2);
        let mut pool = node("AveragePool", "", &["in"], &["half"]);
        for name in ["kernel_shape", "strides"] {
            let mut attribute = Vec::new();
            bytes(&mut attribute, 1, name.as_bytes());
            number(&mut attribute, 8, 2);
            number(&mut attribute, 8, 2);
            number(&mut attribute, 20, 7);
            bytes(&mut pool, 5, &attribute);
        }
        let resize = made.nodes.remove(0);
        // The first field is the name of the first input.
        let mut from_half = Vec::new();
        bytes(&mut from_half, 1, b"half");
        from_half.extend_from_slice(&resize[4..]);
        made.nodes.extend([pool, from_half]);
        let input = dims("1,3,h,w");
        made.inputs.clear();
        made.outputs.clear();
        made.input("in", F32, &input);
        made.output("out", F32, &dims("1,3,?,?"));
        made
    }

    /// One mean for each channel of `in`, as `out`.
    pub fn means(shape: Vec<Dim>) -> Self {
        let mut made = Self::default();
        made.input("in", F32, &shape);
        made.output("out", F32, &dims("1,3,1,1"));
        made.nodes
            .push(node("GlobalAveragePool", "", &["in"], &["out"]));
        made
    }

    /// An operator that adds two tensors.
    pub fn sum(&mut self, a: &str, b: &str, out: &str) {
        self.nodes.push(node("Add", "", &[a, b], &[out]));
    }

    pub fn input(&mut self, name: &str, element: u64, shape: &[Dim]) {
        self.inputs.push(value_info(name, element, shape));
    }

    pub fn output(&mut self, name: &str, element: u64, shape: &[Dim]) {
        self.outputs.push(value_info(name, element, shape));
    }

    /// An operator that nothing uses.
    pub fn op(&mut self, op: &str, domain: &str) {
        self.nodes.push(node(op, domain, &["in"], &["unused"]));
    }

    /// A weight whose numbers lie in another file.
    pub fn external(&mut self, location: &str, offset: u64, length: u64) {
        let tensor = external_tensor("weights", location, offset, length);
        self.weights.push(tensor);
    }

    /// As [`Self::external`], in an attribute of a node.
    pub fn external_in_attribute(&mut self, location: &str, offset: u64, length: u64) {
        let tensor = external_tensor("weights", location, offset, length);
        let mut attribute = Vec::new();
        bytes(&mut attribute, 1, b"value");
        bytes(&mut attribute, 5, &tensor);
        number(&mut attribute, 20, 4);
        let mut constant = node("Constant", "", &[], &["unused"]);
        bytes(&mut constant, 5, &attribute);
        self.nodes.push(constant);
    }

    /// A graph within a graph within a graph …
    pub fn nest(&mut self, depth: usize) {
        let mut inner = node("Identity", "", &["in"], &["x"]);
        for _ in 0..depth {
            let mut graph = Vec::new();
            bytes(&mut graph, 1, &inner);
            let mut attribute = Vec::new();
            bytes(&mut attribute, 1, b"then_branch");
            bytes(&mut attribute, 6, &graph);
            inner = node("If", "", &["in"], &["x"]);
            bytes(&mut inner, 5, &attribute);
        }
        self.nodes.push(inner);
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut graph = Vec::new();
        for node in &self.nodes {
            bytes(&mut graph, 1, node);
        }
        bytes(&mut graph, 2, b"made");
        for (field, all) in [(5, &self.weights), (11, &self.inputs), (12, &self.outputs)] {
            for one in all {
                bytes(&mut graph, field, one);
            }
        }
        let mut opset = Vec::new();
        bytes(&mut opset, 1, b"");
        number(&mut opset, 2, 13);
        let mut model = Vec::new();
        number(&mut model, 1, 8);
        bytes(&mut model, 7, &graph);
        bytes(&mut model, 8, &opset);
        model
    }
}
