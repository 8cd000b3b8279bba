//! What does not compile in the kernels of a style, at its places in the author's files.

use std::sync::Arc;

use super::manifest::bytes_of;
use super::{Finding, Severity};
use crate::color::{Coding, Color};
use crate::frame::{Model, PixelFormat, Rational, Subsampling};
use crate::graph::gpu::shader::{KernelFault, ParamsAs, generate_or_fault, syntax_fault};
use crate::graph::plan::{
    OutputRequest, Plan, PlanOptions, Source, StyleUse, Target, Temporal, plan_with_measures,
};
use crate::graph::style::{Choice, Library, ParamKind, Style, StyleError, Value, Values};

/// The code of what does not compile.
const COMPILE: &str = "compile";

/// What is no WGSL at all in the files of the folder `name`.
pub fn syntax(library: &Library, name: &str) -> Vec<Finding> {
    let kernels = library.kernels_of(name).into_iter();
    let faults = kernels.filter_map(|path| syntax_fault(library, path));
    faults.map(|fault| of_fault(library, &fault)).collect()
}

fn of_fault(library: &Library, fault: &KernelFault) -> Finding {
    let found =
        |file: &str| Finding::new(file, Severity::Error, COMPILE, &*fault.what, &*fault.advice);
    match &fault.place {
        Some(at) => match library.text(&at.path) {
            Some(text) => found(&at.file).at(text, &bytes_of(text, &at.place)),
            None => found(&at.file),
        },
        None => {
            let own = fault.kernels.iter().rev();
            let mut own = own.filter_map(|path| library.origin(path));
            found(own.next().unwrap_or("the generated shader"))
        }
    }
}

/// The style with every parameter at an end of its range: the largest, all switches on, the last choice; or the least.
pub fn at_ends(style: &Arc<Style>, most: bool) -> StyleUse {
    let mut values = Values::defaults(&style.params);
    for (param, (_, value)) in style.params.iter().zip(&mut values.0) {
        if let Some(end) = end_of(&param.kind, most) {
            *value = end;
        }
    }
    StyleUse {
        values,
        ..StyleUse::new(style.clone())
    }
}

/// The largest or least value of a parameter; none for a file, a model or a colour, which have no ends.
pub fn end_of(kind: &ParamKind, most: bool) -> Option<Value> {
    Some(match kind {
        ParamKind::Number { min, max, .. } => Value::Number(if most { *max } else { *min }),
        ParamKind::Integer { min, max, .. } => Value::Integer(if most { *max } else { *min }),
        ParamKind::Flag { .. } => Value::Flag(most),
        ParamKind::Choice { choices, .. } => {
            let index = if most {
                choices.len().checked_sub(1)?
            } else {
                0
            };
            Value::Choice(Choice {
                name: choices[index].clone(),
                index,
            })
        }
        ParamKind::Path { .. } | ParamKind::Color { .. } | ParamKind::Model { .. } => return None,
    })
}

/// The plan of a style for the commonest video, of this size.
pub fn planned(
    library: &Library,
    look: StyleUse,
    (width, height): (u32, u32),
) -> Result<Plan, StyleError> {
    let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
    let color = Color::default();
    let generates = look.style.generates();
    let coded = (format, Coding::resolve(&color, &format, width, height));
    let source = Source {
        width,
        height,
        coded: (!generates).then_some(coded),
        time_base: Rational::new(1, 25),
        rate: Rational::new(25, 1),
        start: 0,
        interlaced: Default::default(),
    };
    let request = OutputRequest {
        chain: vec![look],
        format,
        color,
        temporal: Temporal::Off,
    };
    Ok(plan_with_measures(library, &source, &[request], PlanOptions::default())?.0)
}

/// What does not compile, at the defaults of all parameters and at the ends of their ranges, where other passes are on.
pub fn compiled(library: &Library, style: &Arc<Style>) -> Vec<Finding> {
    let looks = [
        (StyleUse::new(style.clone()), ""),
        (
            at_ends(style, true),
            ", with every parameter at its largest value",
        ),
        (
            at_ends(style, false),
            ", with every parameter at its least value",
        ),
    ];
    let mut found = Vec::new();
    for (look, when) in looks {
        match planned(library, look, (1920, 1080)) {
            Ok(plan) => found.extend(of_plan(library, &plan)),
            Err(error) => {
                let mut wrong = super::manifest::of_error(library, &style.name, &error);
                wrong.message.push_str(when);
                found.push(wrong);
                break;
            }
        }
    }
    found
}

/// What does not compile at the defaults of all parameters.
pub fn compiled_at_defaults(library: &Library, style: &Arc<Style>) -> Vec<Finding> {
    match planned(library, StyleUse::new(style.clone()), (1920, 1080)) {
        Ok(plan) => of_plan(library, &plan),
        Err(error) => vec![super::manifest::of_error(library, &style.name, &error)],
    }
}

fn of_plan(library: &Library, plan: &Plan) -> Vec<Finding> {
    let steps = plan.steps.iter().filter(|step| match step.target {
        // Code outside the graph has no shader.
        Target::Image { node, .. } => !plan.nodes[node].is_external(),
        Target::Output(_) => true,
    });
    let faults =
        steps.filter_map(|step| generate_or_fault(library, plan, step, ParamsAs::Uniforms).err());
    faults.map(|fault| of_fault(library, &fault)).collect()
}
