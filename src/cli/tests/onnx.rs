//! Models that tests make.

/// A model for pictures of any size, which gives what it gets: ONNX operators of version 13.
pub fn identity() -> Vec<u8> {
    let mut net = Net::default();
    net.node("Identity", &["a"], "b", &[]);
    net.model(&picture("a", 3, ["h", "w"]), &picture("b", 3, ["h", "w"]))
}

/// Operators, and the numbers they work with: the parts of a graph as they lie in a model's file.
#[derive(Default)]
pub struct Net {
    nodes: Vec<u8>,
    numbers: Vec<u8>,
}

/// A setting of an operator.
pub enum Attribute<'a> {
    Number(usize),
    Numbers(&'a [usize]),
    Text(&'a str),
}

impl Net {
    /// Numbers that operators take as an input called `name`.
    pub fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let raw: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.tensor(name, 1, shape, &raw);
    }

    /// The same of a list of whole numbers.
    pub fn wholes(&mut self, name: &str, values: &[i64]) {
        let raw: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.tensor(name, 7, &[values.len()], &raw);
    }

    fn tensor(&mut self, name: &str, element: usize, shape: &[usize], raw: &[u8]) {
        let mut tensor: Vec<u8> = shape.iter().flat_map(|side| number(1, *side)).collect();
        tensor.extend(number(2, element));
        tensor.extend(message(8, name.as_bytes()));
        tensor.extend(message(9, raw));
        self.numbers.extend(message(5, &tensor));
    }

    /// Nodes must come after those that make their inputs.
    pub fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        output: &str,
        attributes: &[(&str, Attribute<'_>)],
    ) {
        let inputs = inputs.iter().map(|name| message(1, name.as_bytes()));
        let mut node: Vec<u8> = inputs.flatten().collect();
        node.extend(message(2, output.as_bytes()));
        node.extend(message(4, operator.as_bytes()));
        for (name, attribute) in attributes {
            let (value, kind) = match attribute {
                Attribute::Number(value) => (number(3, *value), 2),
                Attribute::Text(value) => (message(4, value.as_bytes()), 3),
                Attribute::Numbers(values) => {
                    let values = values.iter().map(|value| number(8, *value));
                    (values.flatten().collect(), 7)
                }
            };
            let attribute = [message(1, name.as_bytes()), value, number(20, kind)];
            node.extend(message(5, &attribute.concat()));
        }
        self.nodes.extend(message(1, &node));
    }

    /// The whole file, with an input and an output as [`picture`] makes them. ONNX operators of version 13.
    pub fn model(&self, input: &[u8], output: &[u8]) -> Vec<u8> {
        self.model_of(&[input], output)
    }

    /// As [`Self::model`], with several inputs.
    pub fn model_of(&self, inputs: &[&[u8]], output: &[u8]) -> Vec<u8> {
        let inputs: Vec<Vec<u8>> = inputs.iter().map(|input| message(11, input)).collect();
        let graph = [
            self.nodes.clone(),
            message(2, b"g"),
            self.numbers.clone(),
            inputs.concat(),
            message(12, output),
        ];
        let opset = [message(1, b""), number(2, 13)].concat();
        [
            number(1, 8),
            message(7, &graph.concat()),
            message(8, &opset),
        ]
        .concat()
    }
}

/// A picture of any size, as an input or output of a model: its name, its channels, and what its height and width are called.
pub fn picture(name: &str, channels: usize, [high, wide]: [&str; 2]) -> Vec<u8> {
    let axis = |name: &str| message(1, &message(2, name.as_bytes()));
    let channels = message(1, &number(1, channels));
    let shape = [axis("n"), channels, axis(high), axis(wide)].concat();
    let dense = [number(1, 1), message(2, &shape)].concat();
    [message(1, name.as_bytes()), message(2, &message(1, &dense))].concat()
}

/// A field of a protobuf message with bytes.
fn message(field: usize, content: &[u8]) -> Vec<u8> {
    [
        varint(field << 3 | 2),
        varint(content.len()),
        content.to_vec(),
    ]
    .concat()
}

/// A field of a protobuf message with a number.
fn number(field: usize, value: usize) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// Seven bits a byte, the lowest first; all bytes but the last have the highest bit set.
fn varint(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while value > 0x7f {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}
