use serde::Serialize;

/// The fields of a picture: whether its even and odd rows were taken at different times, and which were first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldOrder {
    #[default]
    Unknown,
    Progressive,
    TopFirst,
    BottomFirst,
}

impl FieldOrder {
    /// The number that kernels read: 0 without fields, 1 with the top field first, 2 with the bottom field first.
    pub fn number(self) -> u32 {
        match self {
            Self::Unknown | Self::Progressive => 0,
            Self::TopFirst => 1,
            Self::BottomFirst => 2,
        }
    }
}
