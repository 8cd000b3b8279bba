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

/// The one of `known` that `name` is a slip of the pen of, if there is one: at most two letters are wrong, missing, too many or
/// exchanged, and at most a third of `name`. For names in code, where another name is worse than none.
pub fn close<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = name.chars().count();
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(wrong, _)| *wrong <= 2 && 3 * wrong <= letters)
        .min_by_key(|(wrong, _)| *wrong)
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
    fn only_slips_are_close() {
        let names = ["image_here", "time", "tint", "ink"];
        for (name, expected) in [
            ("imgae_here", Some("image_here")),
            ("image_hre", Some("image_here")),
            ("tme", Some("time")),
            ("inks", Some("ink")),
            ("iTime", None),
            ("fragCoord", None),
            ("hint", Some("tint")),
            ("in", None),
        ] {
            assert_eq!(close(name, names), expected, "{name}");
        }
    }

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
