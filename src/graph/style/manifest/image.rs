use serde::Deserialize;

use super::super::Param;
use super::param::is_path;

/// An `[image.NAME]`: a picture that kernels read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFile {
    pub name: String,
    /// The parameter that holds the path of the file.
    pub param: Option<String>,
    /// The picture that lies beside the manifest, for when that is empty; its path in the library.
    pub own: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawImage {
    file: Option<String>,
    default: Option<String>,
}

impl RawImage {
    /// The `[image.NAME]` of the style in `folder`.
    pub fn checked(
        self,
        folder: &str,
        name: String,
        params: &[Param],
    ) -> Result<ImageFile, String> {
        match &self.file {
            Some(param) if !is_path(params, param) => {
                return Err(format!(
                    "file = {param:?} is not a path parameter; a picture beside the manifest is default = \"FILE.png\""
                ));
            }
            None if self.default.is_none() => {
                return Err("give file = \"PARAM\", default = \"FILE.png\", or both".to_owned());
            }
            _ => {}
        }
        Ok(ImageFile {
            name,
            param: self.file,
            own: self.default.map(|file| format!("{folder}/{file}")),
        })
    }
}
