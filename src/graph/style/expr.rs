//! Arithmetic expressions in manifests, over parameters: `"blur_sigma * 2"`, `"strength < 1"`. True is 1, false is 0.

use std::collections::BTreeMap;

use exmex::{BinOp, Express, FlatEx, MakeOperators, Operator};
use serde::{Serialize, Serializer};

/// The operators. Priorities must not be negative: `exmex` uses negative ones for closing parentheses.
#[derive(Clone, Debug)]
struct Operators;

fn truth(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

impl MakeOperators<f64> for Operators {
    fn make<'a>() -> Vec<Operator<'a, f64>> {
        let op = |apply: fn(f64, f64) -> f64, prio: i64| BinOp {
            apply,
            prio,
            is_commutative: false,
        };
        vec![
            Operator::make_bin("||", op(|a, b| truth(a != 0.0 || b != 0.0), 0)),
            Operator::make_bin("&&", op(|a, b| truth(a != 0.0 && b != 0.0), 1)),
            Operator::make_bin("<=", op(|a, b| truth(a <= b), 2)),
            Operator::make_bin(">=", op(|a, b| truth(a >= b), 2)),
            Operator::make_bin("==", op(|a, b| truth(a == b), 2)),
            Operator::make_bin("!=", op(|a, b| truth(a != b), 2)),
            Operator::make_bin("<", op(|a, b| truth(a < b), 2)),
            Operator::make_bin(">", op(|a, b| truth(a > b), 2)),
            Operator::make_bin("min", op(f64::min, 3)),
            Operator::make_bin("max", op(f64::max, 3)),
            Operator::make_bin_unary("+", op(|a, b| a + b, 4), |a| a),
            Operator::make_bin_unary("-", op(|a, b| a - b, 4), |a| -a),
            Operator::make_bin("*", op(|a, b| a * b, 5)),
            Operator::make_bin("/", op(|a, b| a / b, 5)),
            Operator::make_bin("^", op(f64::powf, 6)),
            Operator::make_unary("!", |a| truth(a == 0.0)),
            Operator::make_unary("abs", f64::abs),
            Operator::make_unary("floor", f64::floor),
            Operator::make_unary("round", f64::round),
            Operator::make_unary("ceil", f64::ceil),
            Operator::make_unary("sqrt", f64::sqrt),
            Operator::make_unary("exp", f64::exp),
            Operator::make_unary("ln", f64::ln),
            Operator::make_unary("sin", f64::sin),
            Operator::make_unary("cos", f64::cos),
            Operator::make_constant("PI", std::f64::consts::PI),
        ]
    }
}

/// An expression over named numbers.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    parsed: FlatEx<f64, Operators>,
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
    /// Parses `text`. The error is the parser's message.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parsed = FlatEx::parse(text).map_err(|error| error.to_string())?;
        Ok(Self {
            text: text.to_owned(),
            parsed,
        })
    }

    /// The expression as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names it uses.
    pub fn names(&self) -> &[String] {
        self.parsed.var_names()
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
        let value = self.parsed.eval(values).ok()?;
        value.is_finite().then_some(value)
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

    proptest! {
        #[test]
        fn no_text_panics(text in "[a-z0-9+*/()<>=!&|. -]{0,24}") {
            if let Ok(expression) = Expression::parse(&text) {
                let names = expression.names().iter().map(|name| (name.clone(), 1.5)).collect();
                let _ = expression.eval(&names);
            }
        }
    }
}
