//! The description of the API: what it says is so of every answer that the tests get.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex};

use serde_json::Value;

use super::Answer;

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let text = aquatint::studio::openapi();
    serde_json::from_str(&text).unwrap()
});

/// What was seen: method, path with its parts named, status.
static SEEN: LazyLock<Mutex<BTreeSet<(String, String, u16)>>> = LazyLock::new(Mutex::default);

/// The path of the description that `path` is one of.
fn template(path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap();
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let known: Vec<&str> = template.split('/').collect();
        let alike = |(known, part): (&&str, &&str)| known.starts_with('{') || known == part;
        known.len() == parts.len() && known.iter().zip(&parts).all(alike)
    };
    let paths = DESCRIPTION["paths"].as_object().unwrap();
    let mut fitting: Vec<&'static str> = paths
        .keys()
        .map(String::as_str)
        .filter(|template| fits(template))
        .collect();
    // The one with fewer parts that may be anything.
    fitting.sort_by_key(|template| template.matches('{').count());
    fitting.first().copied()
}

/// All operations: method and path.
pub fn operations() -> Vec<(String, String)> {
    let paths = DESCRIPTION["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, operations)| {
        let methods = operations.as_object().unwrap().keys();
        methods.map(move |method| (method.to_uppercase(), path.clone()))
    });
    all.collect()
}

/// That the answer is one that the description names, and has the shape that it says.
#[track_caller]
pub fn check(method: &str, path: &str, answer: &Answer) {
    let status = answer.status;
    let Some(template) = template(path) else {
        assert!(
            [404, 405].contains(&status),
            "{method} {path} is not described: {status}"
        );
        return;
    };
    let operation = &DESCRIPTION["paths"][template][method.to_lowercase()];
    if operation.is_null() {
        assert_eq!(status, 405, "{method} {path} is not described");
        return;
    }
    // What the guard answers is said once, for all.
    if [401, 403, 421].contains(&status) {
        return;
    }
    let known = &operation["responses"][status.to_string()];
    let said = String::from_utf8_lossy(&answer.body);
    assert!(
        !known.is_null(),
        "{method} {template} gave {status}, which is not described: {said}"
    );
    SEEN.lock()
        .unwrap()
        .insert((method.to_owned(), template.to_owned(), status));
    let schema = &known["content"]["application/json"]["schema"];
    if schema.is_object() {
        let value: Value = serde_json::from_slice(&answer.body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}: {said}"));
        let fits = fits(schema, &value, &format!("{method} {path}"));
        assert!(fits.is_ok(), "{}", fits.unwrap_err());
    }
}

/// Whether `value` has the shape of `schema`: types, required members, parts. The error says where not.
fn fits(schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return fits(&DESCRIPTION["components"]["schemas"][name], value, place);
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(all) = schema[several].as_array()
            && !all.iter().any(|schema| fits(schema, value, place).is_ok())
        {
            return Err(format!("{place}: {value} is none of {schema}"));
        }
    }
    for schema in schema["allOf"].as_array().into_iter().flatten() {
        fits(schema, value, place)?;
    }
    if let Some(names) = schema["enum"].as_array()
        && !names.contains(value)
    {
        return Err(format!("{place}: {value} is none of {names:?}"));
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    let own = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_number = own == "integer" && types.contains(&"number");
    if !types.contains(&own) && !is_number {
        return Err(format!("{place}: {value} is no {types:?}"));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        if value.is_object() && value.get(name).is_none() {
            return Err(format!("{place}: {name} is missing: {value}"));
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        if let Some(schema) = schema["properties"].get(name) {
            fits(schema, member, &format!("{place}.{name}"))?;
        }
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        fits(&schema["items"], item, &format!("{place}[{at}]"))?;
    }
    Ok(())
}

/// Notes an answer that was not asked for by `Studio::ask`.
pub fn saw(method: &str, path: &str, status: u16) {
    let one = (method.to_owned(), path.to_owned(), status);
    SEEN.lock().unwrap().insert(one);
}

/// What the description names and no test has seen.
pub fn unseen() -> Vec<String> {
    let seen = SEEN.lock().unwrap();
    let mut unseen = Vec::new();
    for (path, operations) in DESCRIPTION["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            for status in operation["responses"].as_object().unwrap().keys() {
                let one = (method.to_uppercase(), path.clone(), status.parse().unwrap());
                if !seen.contains(&one) {
                    unseen.push(format!("{} {} {}", one.0, one.1, one.2));
                }
            }
        }
    }
    unseen
}
