//! How the numbers of kernels come from the values of parameters.

use serde::Serialize;

use super::super::plan::{Curve, Formula, Plan, Term};
use super::super::style::{Interpolation, Postfix};
use super::live::LiveParam;

/// One number of a parameter: over time where the parameter follows a track, else as it is set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BrowserCurve {
    #[serde(flatten)]
    pub of: CurveOf,
    pub interpolation: Interpolation,
    /// Whether its values are whole numbers.
    pub whole: bool,
    /// Seconds and values; one key for a parameter that is set.
    pub keys: Vec<(f64, f64)>,
}

/// The number of a parameter that a curve gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CurveOf {
    /// `STYLE.PARAM`.
    pub param: String,
    /// Of a colour: 0 red, 1 green, 2 blue. 0 of others.
    pub component: usize,
}

/// How a number comes from curves; a formula reads curves and formulas before it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum BrowserFormula {
    /// The value of a curve times `factor`.
    Curve { curve: usize, factor: f64 },
    /// An expression. What is no finite number is NaN.
    Expression { steps: Vec<ExpressionStep> },
}

/// One step of an expression, on a stack.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ExpressionStep {
    Number(f64),
    /// The value of a formula.
    Formula {
        formula: usize,
    },
    /// A function or an operator, as [`Postfix::Apply`] has it.
    Apply(&'static str),
}

/// The curves of `plan`; those of parameters that may be set have the value that they have now.
pub(super) fn curves(plan: &Plan, params: &[LiveParam]) -> Vec<BrowserCurve> {
    let curves = plan.tracks.curves.iter();
    curves.map(|curve| described(curve, params)).collect()
}

fn described(curve: &Curve, params: &[LiveParam]) -> BrowserCurve {
    let mut numbers = params.iter().flat_map(|param| {
        let numbers = param.numbers.iter().enumerate();
        numbers.map(move |(component, (name, value))| (param, component, name, *value))
    });
    let found = numbers.find(|(_, _, name, _)| **name == curve.param);
    let of = match &found {
        Some((param, component, ..)) => CurveOf {
            param: param.id.clone(),
            component: *component,
        },
        None => CurveOf {
            param: curve.param.clone(),
            component: 0,
        },
    };
    let keys = match &found {
        Some((param, _, _, value)) if param.change.is_live() => vec![(0.0, *value)],
        _ => curve.keys.clone(),
    };
    BrowserCurve {
        of,
        interpolation: curve.interpolation,
        whole: curve.whole,
        keys,
    }
}

/// The formulas of `plan`.
pub(super) fn formulas(plan: &Plan) -> Vec<BrowserFormula> {
    let formula = |formula: &Formula| match formula {
        Formula::Curve { curve, factor } => BrowserFormula::Curve {
            curve: *curve,
            factor: *factor,
        },
        Formula::Expression { expression, terms } => {
            let step = |step| match step {
                Postfix::Number(number) => ExpressionStep::Number(number),
                Postfix::Apply(name) => ExpressionStep::Apply(name),
                Postfix::Name { name } => match terms.get(name) {
                    Some(Term::Formula(formula)) => ExpressionStep::Formula { formula: *formula },
                    Some(Term::Number(number)) => ExpressionStep::Number(*number),
                    // There is a term for each name.
                    None => ExpressionStep::Number(f64::NAN),
                },
            };
            BrowserFormula::Expression {
                steps: expression.postfix().map(step).collect(),
            }
        }
    };
    plan.tracks.formulas.iter().map(formula).collect()
}
