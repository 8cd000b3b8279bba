//! The least version of aquatint that a style needs.

/// The version of this program.
const OWN: &str = env!("CARGO_PKG_VERSION");

/// Why this program cannot read the manifest `text`, because of its key `requires`; none where it can, or where the text is no
/// table at all.
pub(super) fn refused(text: &str) -> Option<String> {
    let table: toml::Table = text.parse().ok()?;
    // What is no text is refused with the other keys.
    refused_by(table.get("requires")?.as_str()?, OWN)
}

fn refused_by(needed: &str, own: &str) -> Option<String> {
    let Some(least) = numbers(needed) else {
        return Some(format!(
            "requires = {needed:?} is no version: write the least version of aquatint that the style needs, such as requires = {OWN:?}"
        ));
    };
    (numbers(own) < Some(least)).then(|| {
        format!(
            "requires = {needed:?}: the style needs aquatint {needed} or later, and this is {own}: install a newer aquatint"
        )
    })
}

/// A version, `1`, `1.2` or `1.2.3`.
fn numbers(version: &str) -> Option<[u32; 3]> {
    let mut numbers = [0; 3];
    for (at, part) in version.split('.').enumerate() {
        let digits = !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
        *numbers.get_mut(at)? = digits.then(|| part.parse().ok()).flatten()?;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_versions_are_refused() {
        for (needed, own) in [
            ("0.1", "0.1.0"),
            ("0.1.0", "0.2.0"),
            ("1", "1.0.0"),
            ("0.9", "0.10.0"),
        ] {
            assert_eq!(refused_by(needed, own), None, "{needed} {own}");
        }
        for (needed, own, words) in [
            (
                "0.2",
                "0.1.9",
                "needs aquatint 0.2 or later, and this is 0.1.9",
            ),
            ("1", "0.99.0", "needs aquatint 1 or later"),
            ("0.10", "0.9.0", "needs aquatint 0.10"),
            ("", "0.1.0", "is no version"),
            ("0.1.2.3", "0.1.0", "is no version"),
            (">=0.1", "0.1.0", "is no version"),
            ("+1", "0.1.0", "is no version"),
        ] {
            let why = refused_by(needed, own).unwrap_or_default();
            assert!(why.contains(words), "{needed} {own}: {why}");
        }
    }

    #[test]
    fn the_version_is_told_before_keys_that_are_not_known() {
        let later = "requires = '99.0'\nsummary = 'x'\nhologram = true\n";
        assert!(refused(later).unwrap().contains("99.0 or later"));
        assert_eq!(refused("summary = 'x'"), None);
        assert_eq!(refused("no table"), None);
    }
}
