//! A network as an ONNX file.

use super::super::network::{EPSILON, Layer, Network};
use super::wire::Message;

/// The version of ONNX's operators.
pub const OPSET: i64 = 13;
/// The version of the file format that came with it.
const FORMAT: i64 = 7;
const FLOAT: i64 = 1;
const INT64: i64 = 7;

/// The file of `network` with the numbers `values`, in the order of [`Network::parameters`]. Its tensors are `input` and
/// `output`: one picture, R, G and B, of any height and width that are multiples of 4, values from 0 to 1.
pub fn write(network: &Network, values: &[Vec<f32>]) -> Vec<u8> {
    let mut graph = Graph::default();
    for (parameter, values) in network.parameters().iter().zip(values) {
        graph.floats(&parameter.name, &parameter.shape, values);
    }
    graph.floats("double", &[4], &[1.0, 1.0, 2.0, 2.0]);
    let mut x = "input".to_owned();
    let mut kept = String::new();
    let layers = network.layers();
    let last = layers.len() - 1;
    for (index, layer) in layers.iter().enumerate() {
        let out = if index == last {
            "output".to_owned()
        } else {
            format!("x{index}")
        };
        match layer {
            Layer::Convolution {
                name,
                kernel,
                stride,
                normal,
                relu,
                ..
            } => {
                let border = (kernel / 2) as i64;
                let pads = format!("border{border}");
                graph.integers(&pads, &[0, 0, border, border, 0, 0, border, border]);
                let reflect = Attribute::Text("mode", "reflect");
                let padded = format!("{name}.padded");
                graph.node("Pad", &[&x, &pads], &padded, &[reflect]);
                let attributes = [
                    Attribute::Integers("kernel_shape", vec![*kernel as i64; 2]),
                    Attribute::Integers("strides", vec![*stride as i64; 2]),
                ];
                let weight = format!("{name}.weight");
                let before_relu = if *relu {
                    format!("{name}.signed")
                } else {
                    out.clone()
                };
                if *normal {
                    let plain = format!("{name}.plain");
                    graph.node("Conv", &[&padded, &weight], &plain, &attributes);
                    let inputs = [&plain, &format!("{name}.scale"), &format!("{name}.shift")];
                    let epsilon = [Attribute::Float("epsilon", EPSILON)];
                    graph.node(
                        "InstanceNormalization",
                        &inputs.map(String::as_str),
                        &before_relu,
                        &epsilon,
                    );
                } else {
                    let inputs = [&padded, &weight, &format!("{name}.bias")];
                    graph.node(
                        "Conv",
                        &inputs.map(String::as_str),
                        &before_relu,
                        &attributes,
                    );
                }
                if *relu {
                    graph.node("Relu", &[&before_relu], &out, &[]);
                }
                x = out;
            }
            Layer::Keep => kept.clone_from(&x),
            Layer::AddKept => {
                graph.node("Add", &[&x, &kept], &out, &[]);
                x = out;
            }
            Layer::Double => {
                let attributes = [
                    Attribute::Text("mode", "linear"),
                    Attribute::Text("coordinate_transformation_mode", "half_pixel"),
                ];
                graph.node("Resize", &[&x, "", "double"], &out, &attributes);
                x = out;
            }
            Layer::Sigmoid => {
                graph.node("Sigmoid", &[&x], &out, &[]);
                x = out;
            }
        }
    }
    graph.file()
}

/// A setting of an operator.
enum Attribute<'a> {
    Float(&'a str, f32),
    Text(&'a str, &'a str),
    Integers(&'a str, Vec<i64>),
}

impl Attribute<'_> {
    fn message(&self) -> Message {
        // Numbers of the fields and of the types: onnx.proto, AttributeProto.
        let message = Message::default();
        match self {
            Self::Float(name, value) => message.text(1, name).float(2, *value).integer(20, 1),
            Self::Text(name, value) => message.text(1, name).text(4, value).integer(20, 3),
            Self::Integers(name, values) => message
                .text(1, name)
                .all(values, |message, value| message.integer(8, *value))
                .integer(20, 7),
        }
    }
}

#[derive(Default)]
struct Graph {
    nodes: Vec<Message>,
    constants: Vec<(String, Message)>,
}

impl Graph {
    fn node(&mut self, kind: &str, inputs: &[&str], output: &str, attributes: &[Attribute<'_>]) {
        let node = Message::default()
            .all(inputs, |message, input| message.text(1, input))
            .text(2, output)
            .text(3, output)
            .text(4, kind)
            .all(attributes, |message, attribute| {
                message.message(5, &attribute.message())
            });
        self.nodes.push(node);
    }

    fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.constant(name, shape, FLOAT, &bytes.collect::<Vec<u8>>());
    }

    fn integers(&mut self, name: &str, values: &[i64]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.constant(name, &[values.len()], INT64, &bytes.collect::<Vec<u8>>());
    }

    /// A constant tensor; one of a name that is there already is the same, and not added.
    fn constant(&mut self, name: &str, shape: &[usize], kind: i64, bytes: &[u8]) {
        if self.constants.iter().any(|(other, _)| other == name) {
            return;
        }
        let tensor = Message::default()
            .all(shape, |message, length| message.integer(1, *length as i64))
            .integer(2, kind)
            .text(8, name)
            .bytes(9, bytes);
        self.constants.push((name.to_owned(), tensor));
    }

    fn file(&self) -> Vec<u8> {
        let graph = Message::default()
            .all(&self.nodes, |message, node| message.message(1, node))
            .text(2, "style")
            .all(&self.constants, |message, (_, tensor)| {
                message.message(5, tensor)
            })
            .message(11, &picture("input"))
            .message(12, &picture("output"));
        let opset = Message::default().text(1, "").integer(2, OPSET);
        Message::default()
            .integer(1, FORMAT)
            .text(2, "aquatint")
            .text(3, env!("CARGO_PKG_VERSION"))
            .message(7, &graph)
            .message(8, &opset)
            .0
    }
}

/// A tensor of one picture with free height and width.
fn picture(name: &str) -> Message {
    let fixed = |length| Message::default().integer(1, length);
    let free = |name| Message::default().text(2, name);
    let shape = [fixed(1), fixed(3), free("height"), free("width")];
    let shape = Message::default().all(&shape, |message, side| message.message(1, side));
    let tensor = Message::default().integer(1, FLOAT).message(2, &shape);
    let kind = Message::default().message(1, &tensor);
    Message::default().text(1, name).message(2, &kind)
}
