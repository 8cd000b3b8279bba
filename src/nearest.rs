//! The known name that a mistyped name most likely stands for.

/// Names at least this similar are suggested; 1 is the same name.
const MIN_SIMILARITY: f64 = 0.5;

/// The one of `known` most similar to `name` (normalised Damerau-Levenshtein distance), if one is similar enough.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|known| (strsim::normalized_damerau_levenshtein(name, known), known))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

/// ` (did you mean "NAME"?)`, to be put after a wrong name; empty where there is no name to suggest.
pub fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean {name:?}?)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_are_suggested() {
        let styles = ["cartoon", "comic", "pencil"];
        for (name, expected) in [
            ("pencli", Some("pencil")),
            ("pen", Some("pencil")),
            ("comix", Some("comic")),
            ("pe", None),
            ("watercolour", None),
        ] {
            assert_eq!(nearest(name, styles), expected, "{name}");
        }
        assert_eq!(did_you_mean(Some("comic")), " (did you mean \"comic\"?)");
        assert_eq!(did_you_mean(None), "");
    }
}
