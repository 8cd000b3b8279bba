//! The parts of an ONNX file that say what the model is. Field numbers: onnx.proto3 of ONNX 1.19.

use std::collections::BTreeSet;

use super::wire::{Message, Value, WireError};

/// Graphs within graphs (of `If`, `Loop`, `Scan`) are read to this depth.
const DEEPEST: usize = 32;
/// More inputs or outputs than any model over pictures has.
const MOST_TENSORS: usize = 1024;
/// More axes than any tensor has.
const MOST_AXES: usize = 64;
/// More tensors outside the file than a model of two gigabytes has.
const MOST_EXTERNAL: usize = 1 << 20;

/// Bytes at the beginning of a file that tell whether it is an ONNX file at all.
const BEGINNING: usize = 64;

/// What an ONNX file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The version of the standard operators; 0 where the file names none.
    pub opset: u64,
    /// What a run must be given.
    pub inputs: Vec<Tensor>,
    pub outputs: Vec<Tensor>,
    /// The operators, as `Conv` or `com.example:Blur`.
    pub ops: BTreeSet<String>,
    /// Domains of operators that are not of the ONNX standard: an engine may not have them.
    pub domains: BTreeSet<String>,
    /// Numbers that lie in other files.
    pub external: Vec<External>,
}

/// An input or output of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    pub name: String,
    /// The number of its type in the ONNX standard: 1 is f32, 10 is f16. 0 where the file does not say, and for what is no
    /// tensor.
    pub element: u64,
    /// Without one, the file does not say how many axes there are.
    pub shape: Option<Vec<Dim>>,
}

/// The length of an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dim {
    Fixed(u64),
    /// Axes of one name have one length.
    Named(String),
    Free,
}

/// Bytes in a file beside the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    /// As the model names it; not checked.
    pub location: String,
    pub offset: u64,
    /// Without one, up to the end of the file.
    pub length: Option<u64>,
}

impl Tensor {
    pub fn rank(&self) -> Option<usize> {
        self.shape.as_ref().map(Vec::len)
    }

    /// The length of an axis, where it is fixed.
    pub fn fixed(&self, axis: usize) -> Option<u64> {
        match self.shape.as_ref()?.get(axis)? {
            Dim::Fixed(length) => Some(*length),
            Dim::Named(_) | Dim::Free => None,
        }
    }

    /// Type and shape in words: `f32 1 x 3 x height x ?`.
    pub fn words(&self) -> String {
        let shape = match &self.shape {
            None => "of any shape".to_owned(),
            Some(dims) if dims.is_empty() => "one number".to_owned(),
            Some(dims) => dims
                .iter()
                .map(|dim| match dim {
                    Dim::Fixed(length) => length.to_string(),
                    Dim::Named(name) => name.clone(),
                    Dim::Free => "?".to_owned(),
                })
                .collect::<Vec<_>>()
                .join(" x "),
        };
        format!("{} {shape}", element_name(self.element))
    }
}

/// The name of a type of numbers.
pub fn element_name(element: u64) -> String {
    let names = [
        "unknown", "f32", "u8", "i8", "u16", "i16", "i32", "i64", "string", "bool", "f16", "f64",
        "u32", "u64",
    ];
    match usize::try_from(element).ok().and_then(|at| names.get(at)) {
        Some(name) => (*name).to_owned(),
        None if element == 16 => "bf16".to_owned(),
        None => format!("type {element}"),
    }
}

/// Reads the header from the bytes of a whole file.
///
/// # Errors
/// What makes the bytes no ONNX file.
pub fn read_header(bytes: &[u8]) -> Result<Header, WireError> {
    let mut reader = Reader::default();
    reader
        .model(Message::whole(bytes))
        .map_err(|error| match error {
            // Text, a picture or the like: its first bytes already make no sense.
            WireError::Damaged { at } if at < BEGINNING => WireError::NotOnnx,
            error => error,
        })?;
    let Reader {
        mut header,
        initial,
        graph,
        version,
    } = reader;
    let operators = header.opset > 0 || !header.domains.is_empty();
    if !graph || !version || !operators || header.outputs.is_empty() {
        return Err(WireError::NoModel);
    }
    // Files of before 2019 list weights among the inputs.
    header.inputs.retain(|input| !initial.contains(&input.name));
    Ok(header)
}

#[derive(Default)]
struct Reader {
    header: Header,
    /// Names of the weights of the outermost graph.
    initial: BTreeSet<String>,
    graph: bool,
    version: bool,
}

impl Reader {
    fn model(&mut self, model: Message<'_>) -> Result<(), WireError> {
        for field in model.fields() {
            match field? {
                (1, Value::Number(version)) => self.version = version > 0,
                (7, Value::Bytes(graph)) => {
                    self.graph = true;
                    self.graph(graph, 0)?;
                }
                (8, Value::Bytes(opset)) => self.opset(opset)?,
                (20, Value::Bytes(training)) => {
                    for field in training.fields() {
                        if let (1 | 2, Value::Bytes(graph)) = field? {
                            self.graph(graph, 1)?;
                        }
                    }
                }
                (25, Value::Bytes(function)) => {
                    for field in function.fields() {
                        if let (7, Value::Bytes(node)) = field? {
                            self.node(node, 1)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn opset(&mut self, opset: Message<'_>) -> Result<(), WireError> {
        let (mut domain, mut version) = (String::new(), 0);
        for field in opset.fields() {
            match field? {
                (1, Value::Bytes(name)) => domain = name.text(),
                (2, Value::Number(number)) => version = number,
                _ => {}
            }
        }
        if is_standard(&domain) {
            self.header.opset = self.header.opset.max(version);
        }
        Ok(())
    }

    fn graph(&mut self, graph: Message<'_>, depth: usize) -> Result<(), WireError> {
        if depth > DEEPEST {
            return Err(WireError::TooDeep { most: DEEPEST });
        }
        let outermost = depth == 0;
        for field in graph.fields() {
            match field? {
                (1, Value::Bytes(node)) => self.node(node, depth)?,
                (5, Value::Bytes(tensor)) => {
                    let name = self.weights(tensor)?;
                    if outermost {
                        self.initial.insert(name);
                    }
                }
                (15, Value::Bytes(sparse)) => self.sparse(sparse)?,
                (11, Value::Bytes(value)) if outermost => {
                    push(&mut self.header.inputs, "inputs", tensor(value)?)?;
                }
                (12, Value::Bytes(value)) if outermost => {
                    push(&mut self.header.outputs, "outputs", tensor(value)?)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn node(&mut self, node: Message<'_>, depth: usize) -> Result<(), WireError> {
        let (mut op, mut domain) = (String::new(), String::new());
        for field in node.fields() {
            match field? {
                (4, Value::Bytes(name)) => op = name.text(),
                (7, Value::Bytes(name)) => domain = name.text(),
                (5, Value::Bytes(attribute)) => self.attribute(attribute, depth)?,
                _ => {}
            }
        }
        if is_standard(&domain) {
            self.header.ops.insert(op);
        } else {
            self.header.ops.insert(format!("{domain}:{op}"));
            self.header.domains.insert(domain);
        }
        Ok(())
    }

    fn attribute(&mut self, attribute: Message<'_>, depth: usize) -> Result<(), WireError> {
        for field in attribute.fields() {
            match field? {
                (5 | 10, Value::Bytes(tensor)) => {
                    self.weights(tensor)?;
                }
                (6 | 11, Value::Bytes(graph)) => self.graph(graph, depth + 1)?,
                (22 | 23, Value::Bytes(sparse)) => self.sparse(sparse)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn sparse(&mut self, sparse: Message<'_>) -> Result<(), WireError> {
        for field in sparse.fields() {
            if let (1 | 2, Value::Bytes(tensor)) = field? {
                self.weights(tensor)?;
            }
        }
        Ok(())
    }

    /// Notes where the numbers of a tensor lie; gives its name.
    fn weights(&mut self, tensor: Message<'_>) -> Result<String, WireError> {
        let mut name = String::new();
        let mut entries = Vec::new();
        let mut outside = false;
        for field in tensor.fields() {
            match field? {
                (8, Value::Bytes(text)) => name = text.text(),
                // An engine may go by either of the two.
                (13, Value::Bytes(entry)) => {
                    outside = true;
                    push(&mut entries, "keys of a tensor", pair(entry)?)?;
                }
                (14, Value::Number(location)) => outside |= location == 1,
                _ => {}
            }
        }
        if outside {
            let value = |key: &str| {
                let found = entries.iter().rev().find(|(name, _)| name == key);
                found.map(|(_, value)| value.as_str())
            };
            let external = External {
                location: value("location").unwrap_or_default().to_owned(),
                offset: value("offset").and_then(|n| n.parse().ok()).unwrap_or(0),
                length: value("length").and_then(|n| n.parse().ok()),
            };
            if self.header.external.len() >= MOST_EXTERNAL {
                return Err(WireError::TooMany {
                    what: "tensors in other files",
                    most: MOST_EXTERNAL,
                });
            }
            self.header.external.push(external);
        }
        Ok(name)
    }
}

fn is_standard(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx" | "ai.onnx.ml")
}

fn push<T>(all: &mut Vec<T>, what: &'static str, one: T) -> Result<(), WireError> {
    if all.len() >= MOST_TENSORS {
        return Err(WireError::TooMany {
            what,
            most: MOST_TENSORS,
        });
    }
    all.push(one);
    Ok(())
}

fn pair(entry: Message<'_>) -> Result<(String, String), WireError> {
    let (mut key, mut value) = (String::new(), String::new());
    for field in entry.fields() {
        match field? {
            (1, Value::Bytes(text)) => key = text.text(),
            (2, Value::Bytes(text)) => value = text.text(),
            _ => {}
        }
    }
    Ok((key, value))
}

fn tensor(value: Message<'_>) -> Result<Tensor, WireError> {
    let mut tensor = Tensor {
        name: String::new(),
        element: 0,
        shape: None,
    };
    for field in value.fields() {
        match field? {
            (1, Value::Bytes(name)) => tensor.name = name.text(),
            (2, Value::Bytes(kind)) => {
                for field in kind.fields() {
                    if let (1, Value::Bytes(dense)) = field? {
                        tensor_type(dense, &mut tensor)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(tensor)
}

fn tensor_type(dense: Message<'_>, tensor: &mut Tensor) -> Result<(), WireError> {
    for field in dense.fields() {
        match field? {
            (1, Value::Number(element)) => tensor.element = element,
            (2, Value::Bytes(shape)) => {
                let dims = tensor.shape.get_or_insert_default();
                for field in shape.fields() {
                    if let (1, Value::Bytes(axis)) = field? {
                        if dims.len() >= MOST_AXES {
                            return Err(WireError::TooMany {
                                what: "axes in a tensor",
                                most: MOST_AXES,
                            });
                        }
                        dims.push(dim(axis)?);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn dim(axis: Message<'_>) -> Result<Dim, WireError> {
    let mut dim = Dim::Free;
    for field in axis.fields() {
        match field? {
            // A negative length means that any is taken.
            (1, Value::Number(length)) if i64::try_from(length).is_ok() => {
                dim = Dim::Fixed(length);
            }
            (2, Value::Bytes(name)) if !name.text().is_empty() => dim = Dim::Named(name.text()),
            _ => {}
        }
    }
    Ok(dim)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::made::{Made, dims};
    use super::*;

    #[test]
    fn a_header_says_what_a_model_takes_and_gives() {
        let model = Made::identity(dims("batch,3,height,16"));
        let header = read_header(&model.bytes()).unwrap();
        assert_eq!(header.opset, 13);
        assert_eq!(header.inputs.len(), 1);
        let input = &header.inputs[0];
        assert_eq!(
            (input.name.as_str(), input.element, input.rank()),
            ("in", 1, Some(4))
        );
        assert_eq!(input.fixed(1), Some(3));
        assert_eq!(input.words(), "f32 batch x 3 x height x 16");
        assert_eq!(header.outputs[0].name, "out");
        assert!(header.ops.contains("Identity") && header.domains.is_empty());
        assert!(header.external.is_empty());
    }

    #[test]
    fn a_cut_off_file_is_told_from_a_damaged_one() {
        let bytes = Made::resize(dims("1,3,h,w"), 2).bytes();
        for end in 1..bytes.len() {
            let error = read_header(&bytes[..end]).unwrap_err();
            let told = matches!(error, WireError::CutOff { .. } | WireError::NoModel);
            assert!(told, "{end}: {error}");
        }
        assert!(read_header(b"").is_err());
        assert!(read_header(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").is_err());
        assert!(read_header(b"<html><body>404</body></html>").is_err());
    }

    #[test]
    fn a_length_that_lies_allocates_nothing() {
        // Field 7 with a length of 2^62, and one with 2^64 - 1.
        for length in [1_u64 << 62, u64::MAX] {
            let mut bytes = vec![0x08, 8, 0x3a];
            let mut rest = length;
            while rest >= 0x80 {
                bytes.push((rest & 0x7f) as u8 | 0x80);
                rest >>= 7;
            }
            bytes.push(rest as u8);
            assert!(matches!(read_header(&bytes), Err(WireError::CutOff { .. })));
        }
    }

    #[test]
    fn graphs_within_graphs_have_a_bound() {
        let nested = |depth: usize| {
            let mut model = Made::identity(dims("1,3,h,w"));
            model.nest(depth);
            read_header(&model.bytes())
        };
        assert!(nested(3).unwrap().ops.contains("If"));
        assert_eq!(
            nested(200).unwrap_err(),
            WireError::TooDeep { most: DEEPEST }
        );
    }

    #[test]
    fn weights_outside_the_file_are_found_wherever_they_stand() {
        let mut model = Made::identity(dims("1,3,h,w"));
        model.external("weights.bin", 4, 8);
        let external = read_header(&model.bytes()).unwrap().external;
        let expected = External {
            location: "weights.bin".to_owned(),
            offset: 4,
            length: Some(8),
        };
        assert_eq!(external, std::slice::from_ref(&expected));
        let mut model = Made::identity(dims("1,3,h,w"));
        model.external_in_attribute("weights.bin", 4, 8);
        assert_eq!(read_header(&model.bytes()).unwrap().external, [expected]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read_header(&bytes);
        }

        #[test]
        fn no_change_of_a_model_panics(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
            end in any::<prop::sample::Index>(),
        ) {
            let mut bytes = Made::resize(dims("1,3,h,w"), 2).bytes();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let _ = read_header(&bytes);
            bytes.truncate(end.index(bytes.len()));
            let _ = read_header(&bytes);
        }
    }
}
