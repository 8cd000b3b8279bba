//! Open Job Description 2023-09: a template that every scheduler of it takes, without extensions.

use serde_json::{Value, json};

use super::request::Request;
use super::submit::Files;
use crate::render::in_ranges;

/// Seconds that a task has to end when it is told to.
const NOTICE: u32 = 60;

/// The template, and how OpenJD's own runner runs it on this machine.
pub(super) fn files(request: &Request) -> Files {
    let text = serde_json::to_string_pretty(&template(request)).unwrap_or_default() + "\n";
    let parameter = format!("JobDir={}", request.job_text());
    Files::new(("openjd.json", text)).needs("openjd").run([
        "openjd",
        "run",
        "openjd.json",
        "--step",
        "stitch",
        "--run-dependencies",
        "-p",
        &parameter,
    ])
}

fn template(request: &Request) -> Value {
    let program = request.program("aquatint");
    let action = |arguments: &[&str]| {
        json!({
            "actions": {"onRun": {
                "command": program,
                "args": arguments,
                "cancelation": {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": NOTICE},
            }},
        })
    };
    let mut amounts = Vec::new();
    if request.gpu {
        amounts.push(json!({"name": "amount.worker.gpu", "min": 1}));
    }
    if let Some(cpus) = request.cpus {
        amounts.push(json!({"name": "amount.worker.vcpu", "min": cpus}));
    }
    let mut render = json!({
        "name": "render",
        "parameterSpace": {
            "taskParameterDefinitions": [
                {"name": "Task", "type": "INT", "range": in_ranges(&request.missing)},
            ],
        },
        "script": action(&["chunk", "{{Param.JobDir}}", "{{Task.Param.Task}}", "--progress", "openjd"]),
    });
    if !amounts.is_empty() {
        render["hostRequirements"] = json!({"amounts": amounts});
    }
    json!({
        "specificationVersion": "jobtemplate-2023-09",
        "name": request.name,
        "parameterDefinitions": [{
            "name": "JobDir", "type": "PATH", "objectType": "DIRECTORY", "dataFlow": "INOUT",
            "default": request.job_text(),
            "description": "The folder that `aquatint plan` made",
        }],
        "steps": [
            render,
            {
                "name": "stitch",
                "dependencies": [{"dependsOn": "render"}],
                "script": action(&["stitch", "{{Param.JobDir}}", "--progress", "openjd"]),
            },
        ],
    })
}
