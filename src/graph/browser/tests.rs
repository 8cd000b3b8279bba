use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::*;
use crate::graph::plan::{OutputRequest, ParamsOf, Plan, PlanOptions, Temporal, plan};
use crate::graph::style::{ParamKind, Values};

fn source() -> Source {
    canvas_source((192, 108), Rational::new(1, 25), Rational::new(25, 1))
}

fn chain(library: &Library, name: &str) -> Vec<StyleUse> {
    vec![StyleUse::new(library.load(name).unwrap())]
}

/// An expression of the JSON, evaluated without the code that wrote it.
fn evaluated(steps: &[Json], formulas: &[f64]) -> f64 {
    let truth = |condition: bool| f64::from(u8::from(condition));
    let mut stack: Vec<f64> = Vec::new();
    for step in steps {
        let value = match step {
            Json::Number(number) => number.as_f64().unwrap(),
            Json::Object(read) => formulas[read["formula"].as_u64().unwrap() as usize],
            Json::String(word) => {
                let c = stack.pop().unwrap();
                match word.as_str() {
                    "negate" => -c,
                    "not" => truth(c == 0.0),
                    "abs" => c.abs(),
                    "ceil" => c.ceil(),
                    "cos" => c.cos(),
                    "exp" => c.exp(),
                    "floor" => c.floor(),
                    "ln" => c.ln(),
                    "round" => c.round(),
                    "sin" => c.sin(),
                    "sqrt" => c.sqrt(),
                    word => {
                        let b = stack.pop().unwrap();
                        match word {
                            "mod" => b - c * (b / c).floor(),
                            "min" => b.min(c),
                            "max" => b.max(c),
                            "||" => truth(b != 0.0 || c != 0.0),
                            "&&" => truth(b != 0.0 && c != 0.0),
                            "<=" => truth(b <= c),
                            ">=" => truth(b >= c),
                            "==" => truth(b == c),
                            "!=" => truth(b != c),
                            "<" => truth(b < c),
                            ">" => truth(b > c),
                            "+" => b + c,
                            "-" => b - c,
                            "*" => b * c,
                            "/" => b / c,
                            "^" => b.powf(c),
                            "clamp" => stack.pop().unwrap().max(b).min(c),
                            "if" => {
                                let condition = stack.pop().unwrap();
                                if condition != 0.0 { b } else { c }
                            }
                            other => panic!("{other}"),
                        }
                    }
                }
            }
            other => panic!("{other}"),
        };
        stack.push(value);
    }
    assert_eq!(stack.len(), 1);
    stack[0]
}

/// The words of all parameter blocks of a plan in JSON, with these numbers of its curves.
fn words(described: &Json, number: impl Fn(&str, usize) -> f64) -> Vec<Vec<u32>> {
    let list = |of: &str| described[of].as_array().unwrap().clone();
    let mut formulas = Vec::new();
    for formula in list("formulas") {
        let value = match formula["steps"].as_array() {
            Some(steps) => evaluated(steps, &formulas),
            None => {
                let curve = &described["curves"][formula["curve"].as_u64().unwrap() as usize];
                let component = curve["component"].as_u64().unwrap() as usize;
                let value = number(curve["param"].as_str().unwrap(), component);
                let whole = curve["whole"].as_bool().unwrap();
                let value = if whole { value.round() } else { value };
                value * formula["factor"].as_f64().unwrap()
            }
        };
        formulas.push(value);
    }
    let block = |block: &Json| {
        let words = block["words"].as_array().unwrap().iter();
        let mut words: Vec<u32> = words.map(|word| word.as_u64().unwrap() as u32).collect();
        for follow in block["follows"].as_array().unwrap() {
            let [word, formula] =
                ["word", "formula"].map(|name| follow[name].as_u64().unwrap() as usize);
            words[word] = (formulas[formula] as f32).to_bits();
        }
        words
    };
    list("blocks").iter().map(block).collect()
}

/// The blocks of a plan, in the order in which its steps bind them first.
fn blocks_of(library: &Library, plan: &Plan) -> Vec<(String, Vec<u32>)> {
    let mut seen: Vec<ParamsOf> = Vec::new();
    for step in &plan.steps {
        let shader = crate::graph::gpu::shader::generate(library, plan, step).unwrap();
        for binding in shader.bindings {
            if let crate::graph::gpu::shader::Binding::Params(of) = binding
                && !seen.contains(&of)
            {
                seen.push(of);
            }
        }
    }
    let named = |of: ParamsOf| {
        let label = match of {
            ParamsOf::Node(node) => plan.nodes[node].label.clone(),
            ParamsOf::Port(port) => format!("output {port}"),
        };
        let mut words = plan.param_words(of);
        words.resize(words.len().next_multiple_of(4).max(4), 0);
        (label, words)
    };
    seen.into_iter().map(named).collect()
}

/// Another value of each parameter that may change.
fn other_values(live: &LivePlan, shown: &[ShownParam]) -> Vec<(String, Value)> {
    let mut changed = Vec::new();
    for (known, shown) in live.params.iter().zip(shown) {
        let range = match known.change {
            Change::Between { min, max } => Some((min, max)),
            Change::Free => shown.param.range(),
            Change::Track | Change::Fixed { .. } => continue,
        };
        let (min, max) = range.unwrap_or_default();
        let value = match &shown.param.kind {
            ParamKind::Number { .. } => Value::Number(min + 0.6 * (max - min)),
            ParamKind::Integer { .. } => Value::Integer((min + 0.6 * (max - min)).round() as i64),
            ParamKind::Flag { default } => Value::Flag(!default),
            ParamKind::Color { .. } => Value::Color(crate::graph::style::Rgb([17, 130, 251])),
            ParamKind::Choice { choices, .. } => {
                let last = choices.last().unwrap();
                Value::Choice(crate::graph::style::Choice::find(choices, last).unwrap())
            }
            ParamKind::Path { .. } | ParamKind::Model { .. } => continue,
        };
        changed.push((shown.param.name.clone(), value));
    }
    changed
}

/// The numbers in the JSON lead to the words that the planner makes of the same values, with values as they are and with all
/// others, however those come about: by a plan of the values themselves.
#[test]
fn formulas_in_the_json_give_the_words_of_the_plan() {
    let library = Library::built_in();
    let mut compared = 0;
    for name in [
        "cartoon",
        "cinematic",
        "comic",
        "glitch",
        "ink",
        "oil",
        "pencil",
        "watercolor",
    ] {
        let chain = chain(&library, name);
        let live = LivePlan::new(&library, &source(), &chain, Temporal::Off).unwrap();
        let mut style = BrowserStyle::new(&chain);
        let files = (0..live.plan.files.len()).collect();
        let described = BrowserPlan::new(&library, &live, files, &mut style.shaders).unwrap();
        let described = serde_json::to_value(&described).unwrap();
        let others = other_values(&live, &style.params);
        for change in [false, true] {
            let value = |param: &str| {
                let other = others.iter().find(|(known, _)| *known == param && change);
                let shown = style.params.iter().find(|shown| shown.param.name == param);
                other.map_or_else(|| shown.unwrap().value.clone(), |(_, value)| value.clone())
            };
            let got = words(&described, |id, component| {
                let param = id.split_once('.').unwrap().1;
                value(param).numbers(param)[component].1
            });
            let mut plain = chain.clone();
            let params = plain[0].style.params.clone();
            plain[0].values = Values(
                params
                    .iter()
                    .map(|param| (param.name.clone(), value(&param.name)))
                    .collect(),
            );
            if let Value::Number(strength) = value("strength") {
                plain[0].strength = strength;
            }
            let request = OutputRequest {
                chain: plain,
                format: canvas_format(),
                color: Color::SRGB,
                temporal: Temporal::Off,
            };
            let plain = plan(&library, &source(), &[request], PlanOptions::default()).unwrap();
            let mut known = live.plan.clone();
            known.follow_values(|curve| {
                let (_, number) = curve.param.split_once('.').unwrap();
                let numbers = style.params.iter().flat_map(|shown| {
                    let param = &shown.param.name;
                    value(param).numbers(param)
                });
                let found = numbers.into_iter().find(|(known, _)| known == number);
                found.unwrap().1
            });
            // By the same formulas, all words are the same.
            let own = blocks_of(&library, &known);
            assert_eq!(own.len(), got.len(), "{name}");
            for ((label, own), got) in own.iter().zip(&got) {
                assert_eq!(own, got, "{label} of {name}");
            }
            // By a plan of the values, those of all nodes that it has. Repeated passes have one label.
            let mut seen = BTreeMap::new();
            for (label, expected) in blocks_of(&library, &plain) {
                if label.starts_with("output") {
                    // What is mixed with its source by a strength has colours, and is packed with them.
                    continue;
                }
                let times: &mut usize = seen.entry(label.clone()).or_default();
                let mut alike = own.iter().filter(|(known, _)| *known == label);
                let Some((_, own)) = alike.nth(*times) else {
                    continue;
                };
                *times += 1;
                for (a, b) in own.iter().zip(&expected) {
                    let (a, b) = (f32::from_bits(*a), f32::from_bits(*b));
                    let near = (a - b).abs() <= 1e-6 * b.abs().max(1.0);
                    assert!(near, "{label} of {name}: {a} and {b}");
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared} blocks were compared");
}

#[test]
fn what_shapes_the_plan_keeps_its_part_of_the_range() {
    let library = Library::built_in();
    let live = LivePlan::new(
        &library,
        &source(),
        &chain(&library, "pencil"),
        Temporal::Off,
    );
    let live = live.unwrap();
    let change = |id: &str| {
        let param = live.params.iter().find(|param| param.id == id).unwrap();
        param.change.clone()
    };
    // The pass of the paper runs or does not run.
    assert!(matches!(change("pencil.use_texture"), Change::Fixed { .. }));
    assert!(matches!(
        change("pencil.texture_path"),
        Change::Fixed { .. }
    ));
    assert_eq!(change("pencil.strength"), Change::Free);
    assert!(change("pencil.blur_sigma").is_live());
}
