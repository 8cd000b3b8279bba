use serde::Deserialize;

/// A `[table.NAME]`: numbers that kernels read, such as the weights of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFile {
    pub name: String,
    /// The file of numbers, which lies beside the manifest; its path in the library.
    pub own: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTable {
    file: String,
}

impl RawTable {
    /// The `[table.NAME]` of the style in `folder`.
    pub fn named(self, folder: &str, name: String) -> TableFile {
        TableFile {
            name,
            own: format!("{folder}/{}", self.file),
        }
    }
}
