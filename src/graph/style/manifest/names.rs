//! Names that an author may give.

use super::super::{Expression, STRENGTH};

/// Numbers that the engine gives to the expressions of a style.
const OF_THE_ENGINE: [&str; 6] = [
    "width",
    "height",
    "interlaced",
    "target_width",
    "target_height",
    "iteration",
];

/// What the engine says about the image on each input, as `INPUT_width`.
const OF_INPUTS: [&str; 7] = ["width", "height", "coded", "transfer", "gamma", "kr", "kb"];

/// Checks that `name` can be the name of a parameter or of a `[let]` in the folder `folder`, and hides nothing of the engine.
pub(super) fn check_name(folder: &str, name: &str, inputs: &[String]) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.chars().all(plain) || !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(
            "a name is made of letters, digits and _, and begins with a letter: expressions and kernels use it"
                .to_owned(),
        );
    }
    // Such as min, or PI.
    if !Expression::parse(name).is_ok_and(|parsed| parsed.names() == [name]) {
        return Err(format!(
            "{name} is a word of expressions: call it something else"
        ));
    }
    let of_input = inputs.iter().find(|input| {
        let fact = name.strip_prefix(input.as_str());
        let fact = fact.and_then(|rest| rest.strip_prefix('_'));
        fact.is_some_and(|fact| OF_INPUTS.contains(&fact))
    });
    if let Some(input) = of_input {
        return Err(format!(
            "expressions know {name} as what the engine says about the image on the input {input:?}: call it something else"
        ));
    }
    // A building block has values only from the folder that uses it.
    if folder.contains('/') {
        return Ok(());
    }
    if name == STRENGTH {
        return Err(format!(
            "every style has a parameter {STRENGTH}, its mix with the source, which this one would hide: call it something else, such as amount"
        ));
    }
    if OF_THE_ENGINE.contains(&name) || name.starts_with("planes_") {
        return Err(format!(
            "expressions know {name} as a number of the engine, which this one would hide: call it something else, such as my_{name}"
        ));
    }
    Ok(())
}
