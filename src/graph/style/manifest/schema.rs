//! `docs/style.schema.json`: what a manifest may say, for editors. It is made from the types that read a manifest, which are asked
//! for their keys, and what kind of value each takes, by reading nothing.

use std::cell::RefCell;
use std::path::Path;

use serde::de::value::Error;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, json};

use super::pass::RawPhase;
use super::{
    RawAnalyse, RawHistory, RawImage, RawLut, RawManifest, RawMeasure, RawModel, RawNote, RawParam,
    RawPass, RawTable,
};

/// The kind of a value.
#[derive(Clone, Debug, Default)]
enum Shape {
    /// Whatever TOML has; the type looks at it later.
    #[default]
    Any,
    Text,
    Flag,
    Number,
    Integer,
    /// The number of entries, where it is fixed.
    List(Box<Shape>, Option<usize>),
    Map(Box<Shape>),
    OneOf(&'static [&'static str]),
    /// The name of the type, and the keys with their shapes.
    Table(&'static str, Vec<(&'static str, Shape)>),
}

/// Gives a type values of the kinds that it asks for, and notes them.
struct Probe<'a> {
    shape: &'a RefCell<Shape>,
    /// A key of a table that it is not given.
    without: Option<&'static str>,
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(true)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.shape.replace(Shape::Flag);
        visitor.visit_bool(true)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.shape.replace(Shape::Integer);
        visitor.visit_u32(1)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.shape.replace(Shape::Number);
        visitor.visit_f64(1.0)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.shape.replace(Shape::Text);
        visitor.visit_str("x")
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let entry = RefCell::default();
        let value = visitor.visit_seq(Entries {
            shape: &entry,
            left: 1,
        })?;
        self.shape
            .replace(Shape::List(Box::new(entry.into_inner()), None));
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let entry = RefCell::default();
        let value = visitor.visit_seq(Entries {
            shape: &entry,
            left: length,
        })?;
        self.shape
            .replace(Shape::List(Box::new(entry.into_inner()), Some(length)));
        Ok(value)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let found = RefCell::default();
        let value = visitor.visit_map(Keys {
            keys: vec!["name"],
            found: &found,
        })?;
        let mut found = found.into_inner();
        let entry = found.pop().map_or(Shape::Any, |(_, shape)| shape);
        self.shape.replace(Shape::Map(Box::new(entry)));
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let found = RefCell::default();
        let keys = fields.iter().rev().copied();
        let value = visitor.visit_map(Keys {
            keys: keys.filter(|key| Some(*key) != self.without).collect(),
            found: &found,
        });
        self.shape.replace(Shape::Table(name, found.into_inner()));
        value
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.shape.replace(Shape::OneOf(variants));
        visitor.visit_enum(variants[0].into_deserializer())
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u64 u128 f32 char str bytes byte_buf unit unit_struct newtype_struct tuple_struct
        identifier ignored_any
    }
}

/// The entries of a list.
struct Entries<'a> {
    shape: &'a RefCell<Shape>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Entries<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        let shape = self.shape;
        let without = None;
        seed.deserialize(Probe { shape, without }).map(Some)
    }
}

/// The keys of a table, from the last to the first.
struct Keys<'a> {
    keys: Vec<&'static str>,
    found: &'a RefCell<Vec<(&'static str, Shape)>>,
}

impl<'de> MapAccess<'de> for Keys<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        match self.keys.last() {
            Some(key) => seed.deserialize((*key).into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let key = self.keys.pop().unwrap_or_default();
        let shape = RefCell::default();
        let without = None;
        let value = seed.deserialize(Probe {
            shape: &shape,
            without,
        });
        self.found.borrow_mut().push((key, shape.into_inner()));
        value
    }
}

/// What stands behind a key: the section, the key, and words about it.
const WORDS: &[(&str, &str, &str)] = &[
    ("manifest", "summary", "One line about the style"),
    ("manifest", "author", "Who made it"),
    (
        "manifest",
        "licence",
        "What others may do with it, such as MIT",
    ),
    (
        "manifest",
        "requires",
        "The least version of aquatint that it needs, such as 0.1",
    ),
    (
        "manifest",
        "mends",
        "Kinds of defects that it mends, as aquatint analyze names them: [\"dust\"]",
    ),
    (
        "manifest",
        "stage",
        "Where it stands in a chain of styles that mend, from first to last: tape, fields, light, damage, position, compression, noise, tone",
    ),
    (
        "manifest",
        "role",
        "scaler: it makes the picture of another size; rate: more or fewer frames. Without it, it is a look",
    ),
    (
        "manifest",
        "inputs",
        "Images that the folder is given: [\"source\"], as without it; [] for a generator",
    ),
    (
        "manifest",
        "alpha",
        "carry: the source's alpha goes out, as without it; own: that of the result",
    ),
    (
        "manifest",
        "dither",
        "Its gradients need dithering when the output has 8 bits",
    ),
    ("manifest", "param", "Parameters, which the user sets"),
    (
        "manifest",
        "let",
        "Values computed from parameters, by expressions",
    ),
    ("manifest", "image", "Pictures that kernels read"),
    ("manifest", "history", "Images of the frame before"),
    ("manifest", "lut", "Look-up tables"),
    ("manifest", "table", "Tables of numbers that kernels read"),
    ("manifest", "model", "Neural models that passes run"),
    (
        "manifest",
        "measure",
        "What can be read back as numbers of each frame",
    ),
    ("manifest", "analyse", "A first pass over all frames"),
    ("manifest", "pass", "The passes, in the order they run"),
    ("manifest", "note", "Messages to the user before a render"),
    (
        "param",
        "default",
        "A number, true or false, a colour \"#rrggbb\", \"\" for a file, one of the choices, or the name of a model",
    ),
    (
        "param",
        "range",
        "The least and the largest value of a number",
    ),
    ("param", "choices", "Names that it is one of"),
    (
        "param",
        "trial",
        "Of a style that enlarges: choices that the default stands for. The one that brings halved frames of the input nearest to themselves is taken",
    ),
    ("param", "integer", "Whole numbers alone"),
    ("param", "model", "It is the name of a model"),
    (
        "param",
        "unit",
        "Shown to the user; px are pixels at 1080 lines, which are scaled to the picture",
    ),
    ("param", "help", "What it does"),
    (
        "param",
        "found",
        "The finding of `aquatint analyze` and its detail that set it, unless the user does: KIND.DETAIL",
    ),
    ("image", "file", "The path parameter that names its file"),
    (
        "image",
        "default",
        "A picture beside the manifest, for when that is empty",
    ),
    (
        "history",
        "of",
        "The image that it keeps: of a pass, an input, or another history",
    ),
    ("history", "like", "The input whose size it has"),
    (
        "history",
        "channels",
        "1, 4, or the name of an image with as many",
    ),
    ("history", "words", "How many words it has, an expression"),
    (
        "history",
        "across_cuts",
        "Whether kernels use it in the first frame of a scene, too",
    ),
    ("lut", "file", "The path parameter that names its file"),
    (
        "lut",
        "default",
        "A table beside the manifest, for when that is empty",
    ),
    (
        "table",
        "file",
        "A file of numbers beside the manifest: NAME.f16 or NAME.f32, nothing but little-endian floats, a multiple of four",
    ),
    (
        "model",
        "file",
        "The path parameter that names an .onnx file",
    ),
    (
        "model",
        "known",
        "A parameter with model = true, for when that is empty",
    ),
    (
        "model",
        "default",
        "An .onnx file beside the manifest, or the name of a model",
    ),
    (
        "model",
        "range",
        "A choice of auto, unit, byte and signed, in place of what the contract says",
    ),
    ("measure", "of", "The image or the words of a pass"),
    ("analyse", "measures", "The measures that are read"),
    (
        "analyse",
        "of",
        "What is measured: the style's input, or the source before any other style",
    ),
    (
        "analyse",
        "reducer",
        "What makes tracks of them, such as levels",
    ),
    ("note", "when", "It is said where this expression is not 0"),
    ("note", "text", "The message; {NAME} is a value"),
    (
        "note",
        "refuse",
        "It is an error: there is no render with these parameters",
    ),
    ("phase", "run", "The function, fn NAME(at: vec2i)"),
    (
        "phase",
        "over",
        "Columns and rows of its invocations, expressions",
    ),
    (
        "phase",
        "group",
        "Invocations of a workgroup, which share memory and barriers: 1 to 256",
    ),
    (
        "pass",
        "kernel",
        "A .wgsl file beside the manifest, without its ending",
    ),
    ("pass", "compute", "A compute kernel, likewise"),
    ("pass", "model", "A model of [model.NAME]"),
    (
        "pass",
        "use",
        "A building block or another folder, such as common/gaussian",
    ),
    (
        "pass",
        "in",
        "Images for the inputs: in = { image = \"source\" }",
    ),
    ("pass", "set", "Values for parameters, by expressions"),
    ("pass", "when", "The pass is off where this expression is 0"),
    (
        "pass",
        "out",
        "The name of the image that it makes; result is what the style makes",
    ),
    ("pass", "size", "Columns and rows of its image, expressions"),
    (
        "pass",
        "channels",
        "1, 4, or the name of an image with as many",
    ),
    (
        "pass",
        "words",
        "How many words a compute kernel makes, an expression",
    ),
    (
        "pass",
        "phases",
        "The phases of a compute kernel, in their order",
    ),
    (
        "pass",
        "tile",
        "How far an input is read about the pixel: { NAME = 4 } or { NAME = [columns, rows] }",
    ),
    (
        "pass",
        "prepare",
        "A function that all invocations of a workgroup run before their pixels",
    ),
    (
        "pass",
        "tile_size",
        "A model: pixels of a tile each way; 0 for the whole picture",
    ),
    (
        "pass",
        "overlap",
        "A model: pixels that tiles have in common",
    ),
    ("pass", "repeat", "How often it is run, an expression"),
    (
        "pass",
        "space",
        "linear: it works on light; coded: on the signal",
    ),
    (
        "pass",
        "rate",
        "How many frames it makes of one, an expression; \"output\"; or { film = \"PARAMETER\", fps = \"EXPRESSION\" }",
    ),
    (
        "pass",
        "temporal",
        "true or \"signal\": its image is averaged over time, as the user has chosen",
    ),
    (
        "pass",
        "decides",
        "It rounds to integers before it compares",
    ),
    (
        "pass",
        "across_cuts",
        "Its windows go on where a scene ends",
    ),
];

/// The name of a section in the schema, by that of its type.
fn section(name: &str) -> String {
    name.strip_prefix("Raw").unwrap_or(name).to_lowercase()
}

fn of_shape(shape: &Shape) -> Value {
    match shape {
        Shape::Any => json!({}),
        Shape::Text => json!({"type": "string"}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Number => json!({"type": "number"}),
        Shape::Integer => json!({"type": "integer", "minimum": 0}),
        Shape::List(entry, None) => json!({"type": "array", "items": of_shape(entry)}),
        Shape::List(entry, Some(length)) => {
            json!({"type": "array", "items": of_shape(entry), "minItems": length, "maxItems": length})
        }
        Shape::Map(entry) => json!({"type": "object", "additionalProperties": of_shape(entry)}),
        Shape::OneOf(names) => json!({"enum": names}),
        Shape::Table(name, _) => json!({"$ref": format!("#/$defs/{}", section(name))}),
    }
}

/// The schema of the type `T`: its section, and what it says.
fn table_of<T: DeserializeOwned>() -> (String, Value) {
    let read = |without| {
        let shape = RefCell::default();
        let read = T::deserialize(Probe {
            shape: &shape,
            without,
        });
        (shape.into_inner(), read.is_ok())
    };
    let (Shape::Table(name, keys), true) = read(None) else {
        panic!("a type of a manifest is a table");
    };
    let name = section(name);
    let required = keys.iter().filter(|(key, _)| !read(Some(key)).1);
    let required: Vec<&str> = required.map(|(key, _)| *key).collect();
    let mut properties = Map::new();
    for (key, shape) in &keys {
        let mut schema = of_shape(shape);
        let words = WORDS
            .iter()
            .find(|(of, known, _)| (*of, known) == (name.as_str(), key));
        let (_, _, words) = words.unwrap_or_else(|| panic!("say what {key} of a {name} is"));
        schema["description"] = json!(words);
        properties.insert((*key).to_owned(), schema);
    }
    let mut schema =
        json!({"type": "object", "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    (name, schema)
}

fn schema() -> Value {
    let (_, mut whole) = table_of::<RawManifest>();
    // These two are read in a second step, so that errors name the parameter.
    whole["properties"]["param"]["additionalProperties"] = json!({"$ref": "#/$defs/param"});
    whole["properties"]["let"]["additionalProperties"] =
        json!({"type": ["string", "number", "boolean"]});
    let sections = [
        table_of::<RawParam>(),
        table_of::<RawImage>(),
        table_of::<RawHistory>(),
        table_of::<RawLut>(),
        table_of::<RawTable>(),
        table_of::<RawModel>(),
        table_of::<RawMeasure>(),
        table_of::<RawAnalyse>(),
        table_of::<RawNote>(),
        table_of::<RawPass>(),
        table_of::<RawPhase>(),
    ];
    whole["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    whole["title"] = json!("style.toml: the manifest of a style of aquatint");
    whole["$defs"] = Value::Object(sections.into_iter().collect());
    whole
}

/// What of `value` the schema `rule` does not allow, as a path of keys; the part of JSON Schema that is used here.
fn refused(whole: &Value, rule: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(name) = rule["$ref"].as_str() {
        let name = name.trim_start_matches("#/$defs/");
        return refused(whole, &whole["$defs"][name], value, at);
    }
    if let Some(names) = rule["enum"].as_array() {
        return (!names.contains(value)).then(|| at.to_owned());
    }
    let is = |kind: &str| match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_u64(),
        "array" => value.is_array(),
        _ => value.is_object(),
    };
    let fits = match &rule["type"] {
        Value::String(kind) => is(kind),
        Value::Array(kinds) => kinds.iter().any(|kind| kind.as_str().is_some_and(is)),
        _ => true,
    };
    if !fits {
        return Some(at.to_owned());
    }
    if let (Some(entries), true) = (value.as_array(), rule["items"].is_object()) {
        let length = entries.len() as u64;
        let bounds = |key: &str, other: u64| rule[key].as_u64().unwrap_or(other);
        if length < bounds("minItems", 0) || length > bounds("maxItems", u64::MAX) {
            return Some(at.to_owned());
        }
        let mut entries = entries.iter();
        return entries.find_map(|entry| refused(whole, &rule["items"], entry, at));
    }
    let table = value.as_object()?;
    let missing = rule["required"].as_array().into_iter().flatten();
    let mut missing = missing.filter_map(Value::as_str);
    if let Some(key) = missing.find(|key| !table.contains_key(*key)) {
        return Some(format!("{at}.{key}"));
    }
    table.iter().find_map(|(key, value)| {
        let path = format!("{at}.{key}");
        let own = &rule["properties"][key];
        match (own.is_object(), &rule["additionalProperties"]) {
            (true, _) => refused(whole, own, value, &path),
            (false, Value::Bool(false)) => Some(path),
            (false, others) => refused(whole, others, value, &path),
        }
    })
}

#[test]
fn the_schema_for_editors_is_that_of_the_manifests_own_types() {
    let text = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/style.schema.json");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "docs/style.schema.json is out of date: UPDATE_DOCS=1 cargo test --lib schema"
    );
    // Nothing is said of a key that is not there.
    for (of, key, _) in WORDS {
        let all = schema();
        let table = if *of == "manifest" {
            &all
        } else {
            &all["$defs"][of]
        };
        assert!(table["properties"][key].is_object(), "{of}.{key}");
    }
}

#[test]
fn manifests_that_can_be_read_keep_to_the_schema_and_others_do_not() {
    let whole = schema();
    let as_json = |text: &str| {
        let table: toml::Table = text.parse().unwrap();
        serde_json::to_value(table).unwrap()
    };
    let library = crate::graph::style::Library::built_in();
    let mut count = 0;
    for name in library.folders() {
        let (text, _) = library.manifest(name).unwrap();
        assert_eq!(refused(&whole, &whole, &as_json(text), name), None);
        count += 1;
    }
    assert!(count > 25, "{count}");
    for (text, at) in [
        ("sumary = 'x'", ".summary"),
        ("summary = 'x'\nsumary = 'x'", ".sumary"),
        ("summary = 1", ".summary"),
        ("summary = 'x'\nalpha = 'keep'", ".alpha"),
        ("summary = 'x'\n[param.a]\ndefault = 1.0", ".param.a.help"),
        (
            "summary = 'x'\n[param.a]\ndefault = 1.0\nrange = [1.0]\nhelp = 'h'",
            ".param.a.range",
        ),
        ("summary = 'x'\n[[pass]]\nkernel = 'k'", ".pass.out"),
        (
            "summary = 'x'\n[[pass]]\nout = 'r'\nphases = [{ run = 'f' }]",
            ".pass.phases.over",
        ),
        ("summary = 'x'\n[let]\na = [1]", ".let.a"),
    ] {
        assert_eq!(
            refused(&whole, &whole, &as_json(text), "").as_deref(),
            Some(at),
            "{text}"
        );
    }
}
