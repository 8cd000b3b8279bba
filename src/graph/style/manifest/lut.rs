use serde::Deserialize;

use super::super::Param;
use super::param::is_path;

/// A `[lut.NAME]`: a look-up table read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct LutFile {
    pub name: String,
    /// The parameter that holds the path of the file.
    pub param: Option<String>,
    /// The default file, which lies beside the manifest; its path in the library.
    pub own: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLut {
    file: Option<String>,
    default: Option<String>,
}

pub(super) fn lut_from(
    folder: &str,
    name: &str,
    raw: RawLut,
    params: &[Param],
) -> Result<LutFile, String> {
    match &raw.file {
        Some(param) if !is_path(params, param) => {
            return Err(format!("file = {param:?} is not a path parameter"));
        }
        None if raw.default.is_none() => {
            return Err("give file = \"PARAM\", default = \"FILE.cube\", or both".to_owned());
        }
        _ => {}
    }
    Ok(LutFile {
        name: name.to_owned(),
        param: raw.file,
        own: raw.default.map(|file| format!("{folder}/{file}")),
    })
}
