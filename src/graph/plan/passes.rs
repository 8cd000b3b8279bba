//! Passes by name, for a look at the image that one of them makes.

use super::{NodeId, Plan, StyleError};
use crate::nearest::nearest;

impl Plan {
    /// A name for each node: its label, and `#1`, `#2`, … after it where several nodes have the same label.
    pub fn pass_names(&self) -> Vec<String> {
        let labels: Vec<&str> = self.nodes.iter().map(|node| node.label.as_str()).collect();
        let count = |of: &[&str], label: &str| of.iter().filter(|other| **other == label).count();
        let name = |(index, label): (usize, &&str)| match count(&labels, label) {
            1 => (*label).to_owned(),
            _ => format!("{label}#{}", 1 + count(&labels[..index], label)),
        };
        labels.iter().enumerate().map(name).collect()
    }

    /// The node called `name`: by its whole name, or by last parts of it. Where several names end in them, it is the one of the
    /// fewest parts: a pass of the style itself rather than one of a folder that it uses.
    ///
    /// # Errors
    /// `UnknownPass` with the most similar name, `SeveralPasses` with those that are meant by it.
    pub fn pass_called(&self, name: &str) -> Result<NodeId, StyleError> {
        let names = self.pass_names();
        if let Some(node) = names.iter().position(|known| known == name) {
            return Ok(node);
        }
        let ending = format!("/{name}");
        let is_meant = |known: &&String| {
            let label = known.split('#').next().unwrap_or_default();
            label == name || label.ends_with(&ending) || known.ends_with(&ending)
        };
        let mut meant: Vec<&String> = names.iter().filter(is_meant).collect();
        // A style's own passes are meant before those of the folders that it uses.
        let depth = |known: &String| known.matches('/').count();
        let least = meant.iter().map(|known| depth(known)).min();
        meant.retain(|known| Some(depth(known)) == least);
        match meant[..] {
            [only] => Ok(names.iter().position(|known| known == only).unwrap_or(0)),
            [] => Err(StyleError::UnknownPass {
                name: name.to_owned(),
                nearest: nearest_name(name, &names),
                known: names,
            }),
            _ => Err(StyleError::SeveralPasses {
                name: name.to_owned(),
                meant: meant.into_iter().cloned().collect(),
            }),
        }
    }
}

/// The most similar name, compared as a whole and by as many last parts as were given.
fn nearest_name(name: &str, names: &[String]) -> Option<String> {
    let parts = name.split('/').count();
    let last = |known: &String| {
        let all: Vec<&str> = known.split('/').collect();
        all[all.len().saturating_sub(parts)..].join("/")
    };
    let lasts: Vec<String> = names.iter().map(last).collect();
    let whole = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
    whole.or_else(|| {
        let near = nearest(name, lasts.iter().map(String::as_str))?;
        let at = lasts.iter().position(|known| known == near)?;
        Some(names[at].clone())
    })
}
