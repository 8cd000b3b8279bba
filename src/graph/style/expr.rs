//! Arithmetic expressions in manifests, over parameters: `"blur_sigma * 2"`, `"strength < 1"`. True is 1, false is 0.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::nearest::nearest;

/// How deep brackets and functions may be nested.
const DEEPEST: usize = 64;

/// A function of two values.
type OfTwo = fn(f64, f64) -> f64;

/// What a function does with its values.
#[derive(Clone, Copy, Debug)]
enum Apply {
    One(fn(f64) -> f64),
    Two(OfTwo),
    /// Two values or more, from left to right.
    Many(OfTwo),
    Three(fn(f64, f64, f64) -> f64),
}

/// The functions by name. Those of one value need no brackets around it; `min` and `max` may stand between two values.
const FUNCTIONS: [(&str, Apply); 14] = [
    ("abs", Apply::One(f64::abs)),
    ("ceil", Apply::One(f64::ceil)),
    ("clamp", Apply::Three(|x, low, high| x.max(low).min(high))),
    ("cos", Apply::One(f64::cos)),
    ("exp", Apply::One(f64::exp)),
    ("floor", Apply::One(f64::floor)),
    (
        "if",
        Apply::Three(|condition, yes, no| if condition != 0.0 { yes } else { no }),
    ),
    ("ln", Apply::One(f64::ln)),
    ("max", Apply::Many(f64::max)),
    ("min", Apply::Many(f64::min)),
    ("mod", Apply::Two(|a, b| a - b * (a / b).floor())),
    ("round", Apply::One(f64::round)),
    ("sin", Apply::One(f64::sin)),
    ("sqrt", Apply::One(f64::sqrt)),
];

/// The operators between two values, and how tightly they bind. Equal ones are applied from left to right.
const OPERATORS: [(&str, u8, OfTwo); 15] = [
    ("||", 0, |a, b| truth(a != 0.0 || b != 0.0)),
    ("&&", 1, |a, b| truth(a != 0.0 && b != 0.0)),
    ("<=", 2, |a, b| truth(a <= b)),
    (">=", 2, |a, b| truth(a >= b)),
    ("==", 2, |a, b| truth(a == b)),
    ("!=", 2, |a, b| truth(a != b)),
    ("<", 2, |a, b| truth(a < b)),
    (">", 2, |a, b| truth(a > b)),
    ("min", 3, f64::min),
    ("max", 3, f64::max),
    ("+", 4, |a, b| a + b),
    ("-", 4, |a, b| a - b),
    ("*", 5, |a, b| a * b),
    ("/", 5, |a, b| a / b),
    ("^", 6, f64::powf),
];

/// The only constant.
const PI: &str = "PI";

fn truth(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

/// The signs before a value, and what they are called in [`Postfix`].
const NEGATE: (&str, fn(f64) -> f64) = ("negate", |a| -a);
const NOT: (&str, fn(f64) -> f64) = ("not", |a| truth(a == 0.0));

fn function(name: &str) -> Option<(&'static str, Apply)> {
    FUNCTIONS.into_iter().find(|(known, _)| *known == name)
}

/// One step of an evaluation, on a stack of numbers. What is done with them has its name.
#[derive(Clone, Copy, Debug)]
enum Step {
    Number(f64),
    /// A name, by its index.
    Name(usize),
    One(&'static str, fn(f64) -> f64),
    Two(&'static str, OfTwo),
    Three(&'static str, fn(f64, f64, f64) -> f64),
}

/// One step of an expression as another program evaluates it: on a stack, from which a function or an operator takes its
/// values, the last one first, and puts its result.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Postfix {
    Number(f64),
    /// The value of a name, by its index in [`Expression::names`].
    Name {
        name: usize,
    },
    /// A function or an operator as manifests write it; `negate` and `not` are the signs `-` and `!` before a value.
    Apply(&'static str),
}

/// An expression over named numbers.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    /// In the order of the alphabet.
    names: Vec<String>,
    steps: Vec<Step>,
}

impl PartialEq for Expression {
    /// Whether both are written alike.
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl Expression {
    /// Parses `text`. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words = words_of(text).map_err(|why| format!("{text:?}: {why}"))?;
        let mut parser = Parser {
            words: &words,
            at: 0,
            names: Vec::new(),
            steps: Vec::new(),
        };
        parser.whole().map_err(|why| format!("{text:?}: {why}"))?;
        let Parser {
            names, mut steps, ..
        } = parser;
        let sorted: BTreeSet<&str> = names.iter().copied().collect();
        let sorted: Vec<&str> = sorted.into_iter().collect();
        for step in &mut steps {
            if let Step::Name(index) = step {
                *index = sorted.binary_search(&names[*index]).unwrap_or_default();
            }
        }
        Ok(Self {
            text: text.to_owned(),
            names: sorted.into_iter().map(str::to_owned).collect(),
            steps,
        })
    }

    /// The expression as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names it uses.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Its steps, for another program.
    pub fn postfix(&self) -> impl Iterator<Item = Postfix> {
        self.steps.iter().map(|step| match *step {
            Step::Number(number) => Postfix::Number(number),
            Step::Name(name) => Postfix::Name { name },
            Step::One(name, _) | Step::Two(name, _) | Step::Three(name, _) => Postfix::Apply(name),
        })
    }

    /// The value with `names` bound. `Err` is the first unknown name, or the whole text if the value is not finite.
    pub fn eval(&self, names: &BTreeMap<String, f64>) -> Result<f64, String> {
        self.eval_with(|name| names.get(name).copied())
    }

    /// As [`Self::eval`], with the value of each name as `value` gives it.
    pub fn eval_with(&self, value: impl Fn(&str) -> Option<f64>) -> Result<f64, String> {
        let values = self
            .names()
            .iter()
            .map(|name| value(name).ok_or_else(|| name.clone()))
            .collect::<Result<Vec<_>, _>>()?;
        self.eval_in_order(&values).ok_or_else(|| self.text.clone())
    }

    /// The value with [`Self::names`] bound to `values`, in their order; `None` if it is not finite.
    pub fn eval_in_order(&self, values: &[f64]) -> Option<f64> {
        let mut stack = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let value = match *step {
                Step::Number(number) => number,
                Step::Name(index) => *values.get(index)?,
                Step::One(_, apply) => apply(stack.pop()?),
                Step::Two(_, apply) => {
                    let second = stack.pop()?;
                    apply(stack.pop()?, second)
                }
                Step::Three(_, apply) => {
                    let (third, second) = (stack.pop()?, stack.pop()?);
                    apply(stack.pop()?, second, third)
                }
            };
            stack.push(value);
        }
        stack.pop().filter(|value| value.is_finite())
    }
}

/// Splits an expression into numbers, words and signs.
fn words_of(text: &str) -> Result<Vec<&str>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() || first == '.' {
            number_length(rest)
        } else if first.is_alphabetic() || first == '_' {
            let word = |c: char| c.is_alphanumeric() || c == '_';
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else if ["<=", ">=", "==", "!=", "&&", "||"]
            .iter()
            .any(|sign| rest.starts_with(sign))
        {
            2
        } else if "+-*/^<>!(),".contains(first) {
            1
        } else {
            return Err(format!("{first:?} has no meaning in an expression"));
        };
        let (word, after) = rest.split_at(length);
        words.push(word);
        rest = after.trim_start();
    }
    Ok(words)
}

/// Length of the number that `text` begins with: digits, a point, an exponent.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| {
        let more = text[from..].find(|c: char| !c.is_ascii_digit());
        more.map_or(text.len(), |more| from + more)
    };
    let mut end = digits(0);
    if text[end..].starts_with('.') {
        end = digits(end + 1);
    }
    if let Some(exponent) = text[end..].strip_prefix(['e', 'E']) {
        let signed = exponent.strip_prefix(['+', '-']);
        let begin = text.len() - signed.unwrap_or(exponent).len();
        if digits(begin) > begin {
            end = digits(begin);
        }
    }
    end
}

/// Turns words into steps.
struct Parser<'a> {
    words: &'a [&'a str],
    at: usize,
    /// Each name as often as it is read.
    names: Vec<&'a str>,
    steps: Vec<Step>,
}

impl<'a> Parser<'a> {
    fn next(&self) -> Option<&'a str> {
        self.words.get(self.at).copied()
    }

    /// Whether the next word is `word`; it is passed over.
    fn takes(&mut self, word: &str) -> bool {
        let found = self.next() == Some(word);
        self.at += usize::from(found);
        found
    }

    fn whole(&mut self) -> Result<(), String> {
        self.value(0, 0)?;
        match self.next() {
            None => Ok(()),
            Some(word) => Err(format!("{word:?} is not expected there")),
        }
    }

    /// A value and the operators after it that bind at least as tightly as `least`.
    fn value(&mut self, least: u8, depth: usize) -> Result<(), String> {
        self.operand(depth)?;
        while let Some(word) = self.next() {
            let operator = OPERATORS.iter().find(|(sign, ..)| *sign == word);
            let Some((sign, binds, apply)) = operator.filter(|(_, binds, _)| *binds >= least)
            else {
                break;
            };
            self.at += 1;
            self.value(binds + 1, depth + 1)?;
            self.steps.push(Step::Two(sign, *apply));
        }
        Ok(())
    }

    /// A number, a name, a value in brackets, a function of values, or a sign before one of these.
    fn operand(&mut self, depth: usize) -> Result<(), String> {
        if depth > DEEPEST {
            return Err("it is nested too deeply: split it with [let]".to_owned());
        }
        let word = self.next().ok_or("it ends too early")?;
        self.at += 1;
        match word {
            "(" => {
                self.value(0, depth + 1)?;
                return self.closes();
            }
            "+" => return self.operand(depth + 1),
            "-" | "!" => {
                self.operand(depth + 1)?;
                let (name, apply) = if word == "-" { NEGATE } else { NOT };
                self.steps.push(Step::One(name, apply));
                return Ok(());
            }
            PI => {
                self.steps.push(Step::Number(std::f64::consts::PI));
                return Ok(());
            }
            _ => {}
        }
        let called = self.next() == Some("(");
        match function(word) {
            // A parameter may be called as a function of several values is, and be read.
            Some((_, Apply::Two(_) | Apply::Three(_))) if !called => {}
            Some((name, apply)) => return self.function(name, apply, depth),
            None => {}
        }
        if !word.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            let number = word.parse::<f64>();
            let number = number.map_err(|_| format!("{word:?} is not expected there"))?;
            self.steps.push(Step::Number(number));
            return Ok(());
        }
        if called {
            let known: Vec<&str> = FUNCTIONS.iter().map(|(known, _)| *known).collect();
            return Err(match nearest(word, known.iter().copied()) {
                Some(near) => format!("there is no function {word}: did you mean {near}?"),
                None => format!(
                    "there is no function {word}; there are {}",
                    known.join(", ")
                ),
            });
        }
        self.steps.push(Step::Name(self.names.len()));
        self.names.push(word);
        Ok(())
    }

    fn closes(&mut self) -> Result<(), String> {
        match self.takes(")") {
            true => Ok(()),
            false => Err("a ) is missing".to_owned()),
        }
    }

    /// The values of the function `name`, and what it does with them.
    fn function(&mut self, name: &'static str, apply: Apply, depth: usize) -> Result<(), String> {
        if let (Apply::One(apply), false) = (apply, self.next() == Some("(")) {
            self.operand(depth + 1)?;
            self.steps.push(Step::One(name, apply));
            return Ok(());
        }
        if !self.takes("(") {
            return Err(format!("{name} needs its values in brackets"));
        }
        let mut count = 0;
        loop {
            self.value(0, depth + 1)?;
            count += 1;
            if let Apply::Many(apply) = apply
                && count > 1
            {
                self.steps.push(Step::Two(name, apply));
            }
            if !self.takes(",") {
                break;
            }
        }
        self.closes()?;
        let (step, needed) = match apply {
            Apply::One(apply) => (Some(Step::One(name, apply)), 1),
            Apply::Two(apply) => (Some(Step::Two(name, apply)), 2),
            Apply::Many(_) => (None, 2.max(count)),
            Apply::Three(apply) => (Some(Step::Three(name, apply)), 3),
        };
        self.steps.extend(step);
        match (apply, count == needed) {
            (_, true) => Ok(()),
            (Apply::Many(_), false) => Err(format!(
                "{name} needs two values or more, as in {name}(a, b)"
            )),
            (_, false) => Err(format!(
                "{name} needs {needed} values, and has {count}: {}",
                usage(name)
            )),
        }
    }
}

/// How a function is written.
fn usage(name: &str) -> String {
    match name {
        "clamp" => "clamp(value, least, most)".to_owned(),
        "if" => "if(condition, value_if_true, value_if_false)".to_owned(),
        "mod" => "mod(value, divisor)".to_owned(),
        _ => format!("{name}(value)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn eval(text: &str, names: &[(&str, f64)]) -> f64 {
        let names = names
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect();
        Expression::parse(text).unwrap().eval(&names).unwrap()
    }

    #[test]
    fn arithmetic_comparison_and_logic() {
        assert_eq!(eval("1 / 4", &[]), 0.25);
        assert_eq!(eval("2 * x + 1", &[("x", 3.0)]), 7.0);
        assert_eq!(eval("x + 1 < 5 && x > 2", &[("x", 3.0)]), 1.0);
        assert_eq!(eval("10 - 4 - 3 + 2 * 3 / 4", &[]), 4.5);
        assert_eq!(eval("-2 ^ 2 + (1 < 2) * 5 min 3", &[]), 3.0);
        assert_eq!(eval("!(x >= 3) || y == 0", &[("x", 3.0), ("y", 1.0)]), 0.0);
        // Both signs of logic together, unlike in WGSL: && binds more tightly, as in C.
        for (a, b, c) in (0..8).map(|bits| (bits & 1, bits >> 1 & 1, bits >> 2)) {
            let names = [("a", a), ("b", b), ("c", c)].map(|(name, bit)| (name, f64::from(bit)));
            let (a, b, c) = (a == 1, b == 1, c == 1);
            assert_eq!(eval("a && b || c", &names), truth((a && b) || c));
            assert_eq!(eval("a || b && c", &names), truth(a || (b && c)));
            assert_eq!(
                eval("!a && b == c || c > a", &names),
                truth(!a && (b == c || c))
            );
        }
        assert_eq!(eval("max(1, floor(x / 2.5))", &[("x", 21.0)]), 8.0);
        assert_eq!(
            Expression::parse("a + b").unwrap().eval(&BTreeMap::new()),
            Err("a".to_owned())
        );
        assert!(Expression::parse("1 +").is_err());
        assert!(
            Expression::parse("1 / 0")
                .unwrap()
                .eval(&BTreeMap::new())
                .is_err()
        );
    }

    #[test]
    fn functions_nest_and_names_may_begin_like_them() {
        assert_eq!(eval("clamp(x, 0, 1)", &[("x", 1.5)]), 1.0);
        assert_eq!(eval("clamp(x, 0, 1)", &[("x", -1.5)]), 0.0);
        // The remainder has the sign of the divisor, so that a pattern goes on below 0.
        assert_eq!(eval("mod(7, 4) + 10 * mod(-1, 4)", &[]), 33.0);
        assert_eq!(eval("if(x > 0, 1 / x, 0)", &[("x", 0.0)]), 0.0);
        assert_eq!(eval("if(x > 0, 1 / x, 0)", &[("x", 4.0)]), 0.25);
        assert_eq!(eval("min(1, max(2, min(3, 4, 0.5)))", &[]), 1.0);
        assert_eq!(eval("max(1, if(x, min(x, 3), 0)) * 2", &[("x", 5.0)]), 6.0);
        let names = [
            ("floor_at", 2.0),
            ("max_gain", 3.0),
            ("PI_2", 4.0),
            ("e", 5.0),
        ];
        assert_eq!(eval("floor_at + max_gain * PI_2 - e", &names), 9.0);
        assert_eq!(eval("1e2 + 1.5e-1 + .5", &[]), 100.65);
        assert_eq!(eval("floor 2.5 + sqrt(4)", &[]), 4.0);
        let names = [("clamp", 2.0), ("b", 3.0), ("mod", 4.0)];
        assert_eq!(eval("clamp(clamp + b * b, 0, 9) + mod", &names), 13.0);
    }

    #[test]
    fn mistakes_are_said_in_words() {
        for (text, words) in [
            ("1 +", "it ends too early"),
            ("", "it ends too early"),
            ("(1 + 2", "a ) is missing"),
            ("1 2", "\"2\" is not expected there"),
            ("2x", "\"x\" is not expected there"),
            ("a = b", "'=' has no meaning"),
            ("max(1)", "max needs two values or more, as in max(a, b)"),
            (
                "clamp(x, 0)",
                "clamp needs 3 values, and has 2: clamp(value, least, most)",
            ),
            ("if(x)", "if(condition, value_if_true, value_if_false)"),
            ("flor(x)", "there is no function flor: did you mean floor?"),
            ("tan(x)", "there is no function tan"),
            ("* 2", "\"*\" is not expected there"),
        ] {
            let error = Expression::parse(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
            assert!(error.starts_with(&format!("{text:?}")), "{error}");
        }
        assert!(Expression::parse(&"(".repeat(10_000)).is_err());
        assert!(Expression::parse(&"-".repeat(10_000)).is_err());
        assert!(Expression::parse(&format!("1{}", " + 1".repeat(10_000))).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a-z0-9+*/()<>=!&|., ^_-]{0,24}") {
            if let Ok(expression) = Expression::parse(&text) {
                let names = expression.names().iter().map(|name| (name.clone(), 1.5)).collect();
                let _ = expression.eval(&names);
            }
        }
    }
}
