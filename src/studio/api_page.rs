//! The readable page of the API: its description, as what a template shows.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// The operations of one tag.
#[derive(Debug, Serialize)]
struct Group {
    tag: String,
    operations: Vec<Operation>,
}

/// A request that can be made.
#[derive(Debug, Serialize)]
struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    /// Of the address and the headers.
    parameters: Vec<Member>,
    /// What is sent.
    body: Option<Kind>,
    responses: Vec<Response>,
}

/// What an operation gives with a status.
#[derive(Debug, Serialize)]
struct Response {
    status: String,
    description: String,
    kind: Option<Kind>,
}

/// A member of an object, or a parameter.
#[derive(Debug, Serialize)]
struct Member {
    name: String,
    /// Where a parameter stands: `path`, `query` or `header`; empty for a member.
    place: String,
    is_required: bool,
    kind: Kind,
    description: String,
}

/// What a value is, in words, with the schema that they name.
#[derive(Debug, Default, Serialize)]
struct Kind {
    words: String,
    schema: Option<String>,
}

/// An object that operations take or give.
#[derive(Debug, Serialize)]
struct Schema {
    name: String,
    description: String,
    members: Vec<Member>,
    /// The words that it may be, where it is one.
    choices: Vec<String>,
}

/// All of the page.
#[derive(Debug, Serialize)]
pub struct ApiPage {
    groups: Vec<Group>,
    schemas: Vec<Schema>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn objects(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

impl ApiPage {
    /// The page of the description `openapi`.
    pub fn new(openapi: &Value) -> Self {
        let mut groups: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
        for (path, methods) in objects(&openapi["paths"]) {
            for (method, operation) in objects(methods) {
                let tag = text(&operation["tags"][0]);
                let operation = Operation::new(method, path, operation);
                groups.entry(tag).or_default().push(operation);
            }
        }
        let groups = groups.into_iter();
        let schemas = objects(&openapi["components"]["schemas"]);
        Self {
            groups: groups
                .map(|(tag, operations)| Group { tag, operations })
                .collect(),
            schemas: schemas
                .map(|(name, schema)| Schema::new(name, schema))
                .collect(),
        }
    }
}

impl Operation {
    fn new(method: &str, path: &str, operation: &Value) -> Self {
        let parameters = list(&operation["parameters"]).map(|parameter| Member {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            is_required: parameter["required"] == true,
            kind: Kind::new(&parameter["schema"]),
            description: text(&parameter["description"]),
        });
        let responses = objects(&operation["responses"]).map(|(status, response)| Response {
            status: status.clone(),
            description: text(&response["description"]),
            kind: content(response),
        });
        Self {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: format!("/api/v1{path}"),
            summary: text(&operation["summary"]),
            description: text(&operation["description"]),
            parameters: parameters.collect(),
            body: content(&operation["requestBody"]),
            responses: responses.collect(),
        }
    }
}

/// What a body holds: JSON by its schema, else its media type.
fn content(body: &Value) -> Option<Kind> {
    let (media, content) = objects(&body["content"]).next()?;
    match media.ends_with("json") {
        true => Some(Kind::new(&content["schema"])),
        false => Some(Kind {
            words: media.clone(),
            schema: None,
        }),
    }
}

impl Kind {
    fn new(schema: &Value) -> Self {
        if let Some(name) = schema["$ref"]
            .as_str()
            .and_then(|path| path.rsplit('/').next())
        {
            return Self {
                words: name.to_owned(),
                schema: Some(name.to_owned()),
            };
        }
        let several = ["oneOf", "anyOf", "allOf"].iter();
        let several: Vec<Self> = several
            .flat_map(|name| list(&schema[*name]))
            .map(Self::new)
            .collect();
        if !several.is_empty() {
            let words: Vec<&str> = several.iter().map(|kind| kind.words.as_str()).collect();
            return Self {
                words: words.join(" or "),
                schema: several.iter().find_map(|kind| kind.schema.clone()),
            };
        }
        let choices: Vec<String> = list(&schema["enum"]).map(text).collect();
        if !choices.is_empty() {
            return Self {
                words: choices.join(" | "),
                schema: None,
            };
        }
        let types: Vec<String> = match &schema["type"] {
            Value::String(one) => vec![one.clone()],
            several => list(several).map(text).collect(),
        };
        let items = &schema["items"];
        let items = items.is_object().then(|| Self::new(items));
        let words = types.iter().map(|kind| match (kind.as_str(), &items) {
            ("array", Some(items)) => format!("list of {}", items.words),
            (kind, _) => kind.to_owned(),
        });
        let words: Vec<String> = words.collect();
        Self {
            words: match words.is_empty() {
                true => "any value".to_owned(),
                false => words.join(" or "),
            },
            schema: items.and_then(|items| items.schema),
        }
    }
}

impl Schema {
    fn new(name: &str, schema: &Value) -> Self {
        let required: Vec<&str> = list(&schema["required"])
            .filter_map(Value::as_str)
            .collect();
        let members = objects(&schema["properties"]).map(|(name, member)| Member {
            name: name.clone(),
            place: String::new(),
            is_required: required.contains(&name.as_str()),
            kind: Kind::new(member),
            description: text(&member["description"]),
        });
        Self {
            name: name.to_owned(),
            description: text(&schema["description"]),
            members: members.collect(),
            choices: list(&schema["enum"]).map(text).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_on_the_page_and_every_schema_that_is_named() {
        let openapi: Value = serde_json::from_str(&super::super::api::openapi()).unwrap();
        let page = ApiPage::new(&openapi);
        let operations = page.groups.iter().flat_map(|group| &group.operations);
        let operations: Vec<&Operation> = operations.collect();
        let described = objects(&openapi["paths"]).map(|(_, methods)| objects(methods).count());
        assert_eq!(operations.len(), described.sum::<usize>());
        let schemas: Vec<&str> = page
            .schemas
            .iter()
            .map(|schema| schema.name.as_str())
            .collect();
        let responses = operations.iter().flat_map(|one| &one.responses);
        let kinds = responses.filter_map(|response| response.kind.as_ref());
        let members = page.schemas.iter().flat_map(|schema| &schema.members);
        let kinds = kinds.chain(members.map(|member| &member.kind));
        let mut named = 0;
        for kind in kinds {
            assert!(!kind.words.is_empty());
            if let Some(schema) = &kind.schema {
                assert!(schemas.contains(&schema.as_str()), "{schema}");
                named += 1;
            }
        }
        assert!(named > 100, "{named}");
        let jobs = operations.iter().find(|one| one.id == "post_jobs").unwrap();
        assert_eq!(
            (jobs.method.as_str(), jobs.path.as_str()),
            ("POST", "/api/v1/jobs")
        );
        assert!(jobs.body.as_ref().unwrap().schema.is_some());
        let body = page.schemas.iter().find(|schema| schema.name == "JobsBody");
        let required = body.unwrap().members.iter().filter(|one| one.is_required);
        let required: Vec<&str> = required.map(|one| one.name.as_str()).collect();
        assert_eq!(required, ["files"]);
    }
}
