//! Sections with one bracket where two are needed, and the other way round.

/// Sections of which there may be several, in their order: `[[pass]]`.
const LISTS: [&str; 2] = ["pass", "note"];
/// Sections that have a name: `[param.NAME]`.
const NAMED: [&str; 6] = ["param", "history", "image", "lut", "measure", "model"];

/// What is wrong with the brackets of the manifest `text`, and how the section is written; none for what is no TOML, which is told
/// otherwise.
pub fn wrong(text: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(text).ok()?;
    let single = |name: &&&str| matches!(table.get(**name), Some(toml::Value::Table(_)));
    if let Some(name) = LISTS.iter().find(single) {
        return Some(format!(
            "[{name}]: this section has two brackets on either side\n  write [[{name}]]: there may be several"
        ));
    }
    NAMED.iter().find_map(|section| match table.get(*section)? {
        toml::Value::Array(_) => Some(format!(
            "[[{section}]]: this section has one bracket on either side, and a name\n  write [{section}.NAME]"
        )),
        toml::Value::Table(named) => {
            let mut entries = named.iter();
            let (name, _) = entries.find(|(_, value)| value.is_array())?;
            let written = format!("[[{section}.{name}]]");
            text.contains(&written).then(|| {
                format!(
                    "{written}: this section has one bracket on either side\n  write [{section}.{name}]"
                )
            })
        }
        _ => None,
    })
}
