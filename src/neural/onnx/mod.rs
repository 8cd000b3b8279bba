//! Reads what an ONNX file says of itself, without an engine: tensors, operators, and the files it wants to read. No byte
//! of a file is trusted: nothing panics, nothing is allocated by a length that the file states, and nesting is bounded.

mod external;
mod header;
#[cfg(test)]
pub(crate) mod made;
mod wire;

pub use external::check_external;
pub use header::{Dim, External, Header, Tensor, element_name, read_header};
