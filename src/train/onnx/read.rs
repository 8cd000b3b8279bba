//! Reads the numbers out of an ONNX file that was written here, to learn on from them.

use std::collections::BTreeMap;

use super::super::network::Network;
use super::wire::{Value, fields, varint};

/// The numbers of `network` in `file`, in the order of [`Network::parameters`]. `Err` says why they are not there.
pub fn parameters(network: &Network, file: &[u8]) -> Result<Vec<Vec<f32>>, String> {
    let mut constants = BTreeMap::new();
    let damaged = || "it is no ONNX file, or it is cut off".to_owned();
    for (field, value) in fields(file).ok_or_else(damaged)? {
        if let (7, Value::Bytes(graph)) = (field, value) {
            for (field, value) in fields(graph).ok_or_else(damaged)? {
                if let (5, Value::Bytes(tensor)) = (field, value) {
                    let (name, shape, values) = constant(tensor).ok_or_else(damaged)?;
                    constants.insert(name, (shape, values));
                }
            }
        }
    }
    if constants.is_empty() {
        return Err(damaged());
    }
    let mut out = Vec::new();
    for parameter in network.parameters() {
        match constants.remove(&parameter.name) {
            Some((shape, values))
                if shape == parameter.shape && values.len() == parameter.count() =>
            {
                out.push(values);
            }
            _ => {
                return Err(format!(
                    "it has no {} of the shape {:?}: it is another network",
                    parameter.name, parameter.shape
                ));
            }
        }
    }
    match out.iter().flatten().all(|value| value.is_finite()) {
        true => Ok(out),
        false => Err("some of its numbers are infinite or no numbers (NaN)".to_owned()),
    }
}

/// Name, shape and values of a constant; no values where they are not floats.
fn constant(tensor: &[u8]) -> Option<(String, Vec<usize>, Vec<f32>)> {
    let (mut name, mut shape, mut values) = (String::new(), Vec::new(), Vec::new());
    let mut floats = false;
    for (field, value) in fields(tensor)? {
        match (field, value) {
            (1, Value::Integer(length)) => shape.push(usize::try_from(length).ok()?),
            // Lengths may stand together, too.
            (1, Value::Bytes(mut lengths)) => {
                while !lengths.is_empty() {
                    shape.push(usize::try_from(varint(&mut lengths)?).ok()?);
                }
            }
            (2, Value::Integer(kind)) => floats = kind == 1,
            (8, Value::Bytes(text)) => name = String::from_utf8(text.to_vec()).ok()?,
            (9, Value::Bytes(bytes)) => {
                let chunks = bytes.chunks_exact(4);
                values = chunks
                    .map(|chunk| f32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]))
                    .collect();
            }
            _ => {}
        }
    }
    Some((name, shape, if floats { values } else { Vec::new() }))
}
