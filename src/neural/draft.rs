//! Reads and writes the file of a contract. What it leaves out is completed from the model's own file.

use std::path::{Component, Path};

use toml::{Table, Value};

use super::contract::{
    Contract, Dtype, InputKind, Layout, Order, OutputKind, PictureTensor, Range, Signal, Task,
};
use super::error::{NeuralError, Result};
use super::words::words;
use crate::nearest::{did_you_mean, nearest};

words! {
    /// What stands in a tensor.
    Kind {
        Picture = "picture",
        Scalar = "scalar",
        Map = "map",
        Numbers = "numbers",
    }
}

/// What the file of a contract says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub task: Option<Task>,
    pub summary: Option<String>,
    pub file: Option<String>,
    pub licence: Option<String>,
    pub source: Option<String>,
    pub sha256: Option<String>,
    pub memory: Option<u32>,
    pub multiple: Option<u32>,
    pub smallest: Option<u32>,
    pub scale: Option<u32>,
    pub window: Option<[i32; 2]>,
    pub inputs: Vec<(String, DraftTensor)>,
    pub outputs: Vec<(String, DraftTensor)>,
}

/// What it says of one tensor.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct DraftTensor {
    pub kind: Option<Kind>,
    pub layout: Option<Layout>,
    pub order: Option<Order>,
    pub range: Option<Range>,
    pub mean: Option<[f32; 3]>,
    pub std: Option<[f32; 3]>,
    pub color: Option<Signal>,
    pub dtype: Option<Dtype>,
    pub size: Option<[u32; 2]>,
    pub default: Option<f32>,
    pub count: Option<usize>,
}

const KEYS: [&str; 13] = [
    "task", "summary", "file", "licence", "source", "sha256", "memory", "multiple", "smallest",
    "scale", "window", "input", "output",
];
const INPUT_KEYS: [&str; 10] = [
    "kind", "layout", "order", "range", "mean", "std", "color", "dtype", "size", "default",
];
const OUTPUT_KEYS: [&str; 10] = [
    "kind", "layout", "order", "range", "mean", "std", "color", "dtype", "size", "count",
];
/// The longest side that a contract may name.
const LONGEST: u32 = 1 << 16;
/// The most frames before or after the current one.
const MOST_FRAMES: i64 = 16;

impl Draft {
    /// Reads the text of a contract. `origin` is where it stands.
    ///
    /// # Errors
    /// `Contract` for text that is not TOML, for unknown keys, with the nearest known one, and for values that a key cannot
    /// have.
    pub fn parse(origin: &str, text: &str) -> Result<Self> {
        let table: Table =
            text.parse()
                .map_err(|error: toml::de::Error| NeuralError::Contract {
                    origin: origin.to_owned(),
                    why: error.message().to_owned(),
                    advice: error
                        .to_string()
                        .lines()
                        .take(3)
                        .collect::<Vec<_>>()
                        .join("\n"),
                })?;
        let keys = Keys::new(origin, "", &table, &KEYS)?;
        let draft = Self {
            task: keys.word("task")?,
            summary: keys.line("summary")?,
            file: keys.line("file")?,
            licence: keys.line("licence")?,
            source: keys.line("source")?,
            sha256: keys.line("sha256")?,
            memory: keys.whole("memory", 1, 1_000_000)?,
            multiple: keys.whole("multiple", 1, 1024)?,
            smallest: keys.whole("smallest", 1, LONGEST)?,
            scale: keys.whole("scale", 1, 4)?,
            window: keys.window()?,
            inputs: tensors(&keys, "input", &INPUT_KEYS)?,
            outputs: tensors(&keys, "output", &OUTPUT_KEYS)?,
        };
        if let Some(file) = &draft.file {
            let mut parts = Path::new(file).components();
            let plain = matches!(parts.next(), Some(Component::Normal(_)))
                && parts.next().is_none()
                && !file.contains(['/', '\\', ':']);
            if !plain {
                return Err(keys.wrong("file", "the name of a file in the same folder"));
            }
        }
        if let Some(hash) = &draft.sha256 {
            let digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            if hash.len() != 64 || !hash.chars().all(digit) {
                return Err(keys.wrong("sha256", "64 lower-case hexadecimal digits"));
            }
        }
        Ok(draft)
    }
}

fn tensors(
    keys: &Keys<'_>,
    name: &str,
    known: &[&'static str],
) -> Result<Vec<(String, DraftTensor)>> {
    let Some(value) = keys.table.get(name) else {
        return Ok(Vec::new());
    };
    let wanted = format!("a table for each {name}: [{name}.NAME]");
    let table = value.as_table().ok_or_else(|| keys.wrong(name, &wanted))?;
    let mut all = Vec::new();
    for (tensor, value) in table {
        let table = value.as_table().ok_or_else(|| keys.wrong(name, &wanted))?;
        let place = format!("{name}.{tensor}");
        let keys = Keys::new(keys.origin, &place, table, known)?;
        let drafted = DraftTensor {
            kind: keys.word("kind")?,
            layout: keys.word("layout")?,
            order: keys.word("order")?,
            range: keys.word("range")?,
            mean: keys.channels("mean")?,
            std: keys.channels("std")?,
            color: keys.word("color")?,
            dtype: keys.word("dtype")?,
            size: keys.size()?,
            default: keys.number("default")?,
            count: keys.whole("count", 1, 1 << 24)?.map(|count| count as usize),
        };
        if drafted.std.is_some_and(|std| std.contains(&0.0)) {
            return Err(keys.wrong("std", "numbers other than 0"));
        }
        all.push((tensor.clone(), drafted));
    }
    Ok(all)
}

/// A table whose keys are all known.
struct Keys<'t> {
    origin: &'t str,
    /// The name of the table; empty for the whole file.
    place: &'t str,
    table: &'t Table,
}

impl<'t> Keys<'t> {
    fn new(
        origin: &'t str,
        place: &'t str,
        table: &'t Table,
        known: &[&'static str],
    ) -> Result<Self> {
        let keys = Self {
            origin,
            place,
            table,
        };
        match table.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(keys),
            Some(key) => Err(NeuralError::Contract {
                origin: origin.to_owned(),
                why: format!(
                    "there is no key {}{}",
                    keys.full(key),
                    did_you_mean(nearest(key, known.iter().copied()))
                ),
                advice: format!("its keys: {}", known.join(", ")),
            }),
        }
    }

    fn full(&self, key: &str) -> String {
        if self.place.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.place)
        }
    }

    fn wrong(&self, key: &str, wanted: &str) -> NeuralError {
        NeuralError::Contract {
            origin: self.origin.to_owned(),
            why: format!("{} cannot have this value", self.full(key)),
            advice: format!("give {wanted}"),
        }
    }

    fn line(&self, key: &str) -> Result<Option<String>> {
        let wanted = "text in quotes, in one line";
        self.table.get(key).map_or(Ok(None), |value| {
            let text = value.as_str().filter(|text| !text.contains(['\n', '\r']));
            let text = text.ok_or_else(|| self.wrong(key, wanted))?;
            Ok(Some(text.trim().to_owned()))
        })
    }

    fn word<T: std::str::FromStr<Err = String>>(&self, key: &str) -> Result<Option<T>> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        let text = value
            .as_str()
            .ok_or_else(|| self.wrong(key, "a word in quotes"))?;
        text.parse().map(Some).map_err(|why| NeuralError::Contract {
            origin: self.origin.to_owned(),
            why: format!("{}: {why}", self.full(key)),
            advice: "docs/models.md explains each key".to_owned(),
        })
    }

    fn whole(&self, key: &str, least: u32, most: u32) -> Result<Option<u32>> {
        self.table.get(key).map_or(Ok(None), |value| {
            let number = value.as_integer().and_then(|n| u32::try_from(n).ok());
            let number = number.filter(|n| (least..=most).contains(n));
            let wanted = format!("a whole number from {least} to {most}");
            number.map(Some).ok_or_else(|| self.wrong(key, &wanted))
        })
    }

    fn number(&self, key: &str) -> Result<Option<f32>> {
        self.table.get(key).map_or(Ok(None), |value| {
            let number = float(value);
            number.map(Some).ok_or_else(|| self.wrong(key, "a number"))
        })
    }

    /// Three numbers, or one for all channels.
    fn channels(&self, key: &str) -> Result<Option<[f32; 3]>> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        let numbers: Option<Vec<f32>> = match value {
            Value::Array(all) => all.iter().map(float).collect(),
            one => float(one).map(|one| vec![one]),
        };
        match numbers.as_deref() {
            Some([one]) => Ok(Some([*one; 3])),
            Some([a, b, c]) => Ok(Some([*a, *b, *c])),
            _ => Err(self.wrong(key, "three numbers, one for each channel: [0.5, 0.5, 0.5]")),
        }
    }

    fn pair(&self, key: &str) -> Option<Option<[i64; 2]>> {
        let value = self.table.get(key)?;
        let both = value.as_array().and_then(|all| match all.as_slice() {
            [a, b] => Some([a.as_integer()?, b.as_integer()?]),
            _ => None,
        });
        Some(both)
    }

    fn size(&self) -> Result<Option<[u32; 2]>> {
        let wanted = "width and height in pixels: [512, 512]";
        self.pair("size").map_or(Ok(None), |pair| {
            let side = |n: i64| u32::try_from(n).ok().filter(|n| (1..=LONGEST).contains(n));
            let size = pair.and_then(|[w, h]| Some([side(w)?, side(h)?]));
            size.map(Some).ok_or_else(|| self.wrong("size", wanted))
        })
    }

    fn window(&self) -> Result<Option<[i32; 2]>> {
        let wanted = format!(
            "the first and the last frame, from the current one: [-1, 1], at most {MOST_FRAMES} away"
        );
        self.pair("window").map_or(Ok(None), |pair| {
            let frame = |n: i64| i32::try_from(n).ok();
            let window = pair
                .filter(|[a, b]| (-MOST_FRAMES..=0).contains(a) && (0..=MOST_FRAMES).contains(b));
            let window = window.and_then(|[a, b]| Some([frame(a)?, frame(b)?]));
            window
                .map(Some)
                .ok_or_else(|| self.wrong("window", &wanted))
        })
    }
}

fn float(value: &Value) -> Option<f32> {
    let number = match value {
        Value::Float(number) => *number as f32,
        Value::Integer(number) => *number as f32,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

impl Contract {
    /// The text of the file that says this.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        let mut line = |key: &str, value: String| out.push_str(&format!("{key} = {value}\n"));
        line("task", quoted(self.task.word()));
        line("summary", quoted(&self.summary));
        line("file", quoted(&self.file));
        line("licence", quoted(&self.licence));
        line("source", quoted(&self.source));
        if let Some(hash) = &self.sha256 {
            line("sha256", quoted(hash));
        }
        if let Some(memory) = self.memory {
            line("memory", memory.to_string());
        }
        line("multiple", self.multiple.to_string());
        line("smallest", self.smallest.to_string());
        line("scale", self.scale.to_string());
        line(
            "window",
            format!("[{}, {}]", self.window[0], self.window[1]),
        );
        for input in &self.inputs {
            out.push_str(&format!("\n[input.{}]\n", quoted(&input.name)));
            match &input.kind {
                InputKind::Picture(tensor) => picture(&mut out, tensor),
                InputKind::Scalar { dtype, default } => {
                    entries(
                        &mut out,
                        Kind::Scalar,
                        &[
                            ("dtype", quoted(dtype.word())),
                            ("default", decimal(*default)),
                        ],
                    );
                }
                InputKind::Map {
                    layout,
                    dtype,
                    default,
                } => entries(
                    &mut out,
                    Kind::Map,
                    &[
                        ("layout", quoted(layout.word())),
                        ("dtype", quoted(dtype.word())),
                        ("default", decimal(*default)),
                    ],
                ),
            }
        }
        for output in &self.outputs {
            out.push_str(&format!("\n[output.{}]\n", quoted(&output.name)));
            match &output.kind {
                OutputKind::Picture(tensor) => picture(&mut out, tensor),
                OutputKind::Numbers { dtype, count } => entries(
                    &mut out,
                    Kind::Numbers,
                    &[
                        ("dtype", quoted(dtype.word())),
                        ("count", count.to_string()),
                    ],
                ),
            }
        }
        out
    }
}

fn entries(out: &mut String, kind: Kind, all: &[(&str, String)]) {
    out.push_str(&format!("kind = {}\n", quoted(kind.word())));
    for (key, value) in all {
        out.push_str(&format!("{key} = {value}\n"));
    }
}

fn picture(out: &mut String, tensor: &PictureTensor) {
    let mut all = vec![("layout", quoted(tensor.layout.word()))];
    if tensor.signal.channels() > 1 {
        all.push(("order", quoted(tensor.order.word())));
    }
    all.push(("range", quoted(tensor.range.word())));
    for (key, values, plain) in [("mean", tensor.mean, 0.0), ("std", tensor.std, 1.0)] {
        if values != [plain; 3] {
            all.push((key, format!("[{}]", values.map(decimal).join(", "))));
        }
    }
    all.push(("color", quoted(tensor.signal.word())));
    all.push(("dtype", quoted(tensor.dtype.word())));
    if let Some([width, height]) = tensor.size {
        all.push(("size", format!("[{width}, {height}]")));
    }
    entries(out, Kind::Picture, &all);
}

/// The shortest digits that give this number back, with a point.
fn decimal(value: f32) -> String {
    let text = value.to_string();
    if text.contains('.') {
        text
    } else {
        format!("{text}.0")
    }
}

/// Text in quotes, as TOML has it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mistakes_are_taught() {
        for (text, part) in [
            ("tsak = 'style'", "did you mean \"task\""),
            ("task = 'styel'", "did you mean \"style\""),
            ("task = 3", "a word in quotes"),
            ("scale = 5", "a whole number from 1 to 4"),
            ("scale = 1.5", "a whole number from 1 to 4"),
            ("multiple = 0", "a whole number from 1 to 1024"),
            ("window = [1, 2]", "from the current one"),
            ("window = [-99, 0]", "at most 16 away"),
            ("sha256 = 'AB'", "64 lower-case"),
            ("file = '../x.onnx'", "in the same folder"),
            ("file = '/x.onnx'", "in the same folder"),
            ("file = ''", "in the same folder"),
            ("summary = \"a\\nb\"", "in one line"),
            ("input = 3", "[input.NAME]"),
            (
                "[input.x]\nragne = 'byte'",
                "input.x.ragne (did you mean \"range\"?)",
            ),
            ("[input.x]\nrange = 'bytes'", "input.x.range"),
            ("[input.x]\ncount = 3", "there is no key input.x.count"),
            ("[output.x]\ncount = 0", "output.x.count"),
            ("[input.x]\nstd = [1, 0, 1]", "other than 0"),
            ("[input.x]\nmean = [1, 2]", "three numbers"),
            ("[input.x]\nmean = [nan, 0, 0]", "three numbers"),
            ("[input.x]\nsize = [0, 4]", "width and height"),
            ("[input.x]\ndefault = inf", "a number"),
            ("task = ", "is wrong"),
        ] {
            let error = Draft::parse("m.toml", text).unwrap_err();
            let said = format!("{error}\n{}", error.advice());
            assert!(said.contains(part), "{said} should contain {part}");
            assert!(said.contains("m.toml"), "{said}");
        }
    }

    #[test]
    fn tensors_keep_their_order() {
        let text = "[input.z]\n[input.a]\n[input.\"in put\"]\nmean = 0.5\n";
        let draft = Draft::parse("m.toml", text).unwrap();
        let names: Vec<&str> = draft.inputs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["z", "a", "in put"]);
        assert_eq!(draft.inputs[2].1.mean, Some([0.5; 3]));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a-z_=.'\\[\\]0-9\\n -]{0,80}") {
            let _ = Draft::parse("m.toml", &text);
        }
    }
}
