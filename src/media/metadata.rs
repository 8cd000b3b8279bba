//! Keys of metadata that planning, writing and verifying treat specially.

/// Location of the recording (ISO 6709). FFmpeg reads all of MP4's variants under this name.
pub(crate) const LOCATION: &str = "location";
/// Apple's name of the location among free tag names.
pub(crate) const APPLE_LOCATION: &str = "com.apple.quicktime.location.ISO6709";

/// Name of the tag with the recipe of a file, where a container takes names of any kind.
pub(crate) const RECIPE: &str = "aquatint_recipe";

/// Tags about the source file itself, which are wrong in the output.
pub(crate) fn is_about_the_file(key: &str) -> bool {
    [
        "major_brand",
        "minor_version",
        "compatible_brands",
        "encoder",
        "encoding_tool",
        "duration",
        RECIPE,
    ]
    .iter()
    .any(|k| key.eq_ignore_ascii_case(k))
}
