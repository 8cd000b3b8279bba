//! Two pictures of the same place, with a slider between them.

use super::Embedded;
use super::text::escaped;

/// A picture with its name below. `alt` says what it shows.
pub(super) fn figure(picture: &Embedded, alt: &str, name: &str) -> String {
    format!(
        "<figure><img src=\"{}\" alt=\"{}\"/><figcaption>{}</figcaption></figure>\n",
        picture.address(),
        escaped(alt),
        escaped(name)
    )
}

/// Two pictures; `of` says what they show. Without a script and in print they stand beside each other; the script lays one
/// over the other.
pub(super) fn swipe(
    of: &str,
    (before, before_name): (&Embedded, &str),
    (after, after_name): (&Embedded, &str),
) -> String {
    format!(
        "<div class=\"swipe\" role=\"group\" aria-label=\"{}\">\n{}{}</div>\n",
        escaped(&format!("{of}: {before_name} and {after_name}")),
        figure(before, &format!("{of}, {before_name}"), before_name),
        figure(after, &format!("{of}, {after_name}"), after_name)
    )
}
