//! Kubernetes: an indexed Job that renders, and a Job beside it that joins as soon as nothing is missing.

use serde_json::{Value, json};

use super::request::{Request, Volume};
use super::submit::{FarmError, Files};
use crate::render::in_ranges;

/// How often a task that is to be tried again is.
const RETRIES: u32 = 3;
/// How often it is looked whether all tasks are done, with longer and longer pauses between, up to six minutes.
const LOOKS: u32 = 1000;
/// Seconds that a task has to end when it is told to.
const NOTICE: u32 = 60;
/// Exit codes that are worth another try: of aquatint, and of the system for a process that it killed.
const AGAIN: [u8; 2] = [75, 137];

/// The manifest of both Jobs.
///
/// # Errors
/// `Usage` where the image or the volume is not named, or the job does not lie in the volume.
pub(super) fn files(request: &Request) -> Result<Files, FarmError> {
    let missing = |flag: &str, what: &str| FarmError::Usage {
        what: format!("Kubernetes needs {what}"),
        advice: format!("name it with {flag}; `aquatint help farm` shows an example"),
    };
    let image = request.image.as_deref();
    let image = image.ok_or_else(|| missing("--image IMAGE", "an image with aquatint"))?;
    let volume = request.volume.as_ref();
    let volume = volume.ok_or_else(|| missing("--volume CLAIM:PATH", "the volume of the job"))?;
    if !request.job.starts_with(&volume.path) {
        return Err(FarmError::Usage {
            what: format!(
                "{} does not lie in the volume, which is mounted at {}",
                request.job.display(),
                volume.path.display()
            ),
            advice: "plan the job in a folder of the volume, and name where it is mounted here"
                .to_owned(),
        });
    }
    let manifest = json!({
        "apiVersion": "v1",
        "kind": "List",
        "items": [render(request, image, volume), stitch(request, image, volume)],
    });
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n";
    let cancel = ["kubectl", "delete", "--ignore-not-found"];
    Ok(Files::new(("kubernetes.json", text))
        .needs("kubectl")
        .queued(
            ["kubectl", "create", "-o", "name", "-f", "kubernetes.json"],
            &cancel,
        ))
}

/// What the name of a Job begins with: Kubernetes adds five letters, so that the same film can be submitted again.
fn name(request: &Request, step: &str) -> Value {
    json!({"generateName": format!("{}-{step}-", request.name)})
}

fn pod(
    request: &Request,
    (image, volume): (&str, &Volume),
    arguments: &[&str],
    renders: bool,
) -> Value {
    let program = request.program("aquatint");
    let command: Vec<&str> = std::iter::once(program.as_str())
        .chain(arguments.iter().copied())
        .collect();
    let mut container = json!({
        "name": "aquatint",
        "image": image,
        "command": command,
        "volumeMounts": [{"name": "films", "mountPath": volume.path}],
    });
    let mut limits = json!({});
    if renders && request.gpu {
        limits["nvidia.com/gpu"] = json!(1);
        // Vulkan needs `graphics`.
        container["env"] = json!([
            {"name": "NVIDIA_DRIVER_CAPABILITIES", "value": "compute,graphics,utility,video"},
        ]);
    }
    if let (true, Some(cpus)) = (renders, request.cpus) {
        limits["cpu"] = json!(cpus.to_string());
    }
    if limits != json!({}) {
        container["resources"] = json!({"limits": limits});
    }
    json!({
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": NOTICE,
            "containers": [container],
            "volumes": [{"name": "films", "persistentVolumeClaim": {"claimName": volume.claim}}],
        },
    })
}

fn render(request: &Request, image: &str, volume: &Volume) -> Value {
    let tasks = request.missing.len();
    let among = in_ranges(&request.missing);
    let job = request.job_text();
    let arguments = ["chunk", &job, "$(JOB_COMPLETION_INDEX)", "--among", &among];
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": name(request, "render"),
        "spec": {
            "completionMode": "Indexed",
            "completions": tasks,
            "parallelism": request.parallel.unwrap_or(tasks).min(tasks),
            "backoffLimitPerIndex": RETRIES,
            "podReplacementPolicy": "Failed",
            "podFailurePolicy": {"rules": [
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
                {"action": "Count", "onExitCodes": {"operator": "In", "values": AGAIN}},
                {"action": "FailIndex", "onExitCodes": {"operator": "NotIn", "values": [0, AGAIN[0], AGAIN[1]]}},
            ]},
            "template": pod(request, (image, volume), &arguments, true),
        },
    })
}

fn stitch(request: &Request, image: &str, volume: &Volume) -> Value {
    let job = request.job_text();
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": name(request, "stitch"),
        "spec": {
            "backoffLimit": LOOKS,
            "podReplacementPolicy": "Failed",
            "podFailurePolicy": {"rules": [
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
                {"action": "Count", "onExitCodes": {"operator": "In", "values": AGAIN}},
                {"action": "FailJob", "onExitCodes": {"operator": "NotIn", "values": [0, AGAIN[0], AGAIN[1]]}},
            ]},
            "template": pod(request, (image, volume), &["stitch", &job], false),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::request::LONGEST;
    use super::*;

    fn request() -> Request {
        Request {
            job: "/mnt/films/film.job".into(),
            name: "a".repeat(LONGEST),
            missing: vec![0, 1, 2, 7],
            gpu: true,
            parallel: None,
            program: None,
            time_limit: None,
            cpus: Some(4),
            image: Some("registry/aquatint@sha256:0".to_owned()),
            volume: Some(Volume {
                claim: "films".to_owned(),
                path: "/mnt/films".into(),
            }),
        }
    }

    /// What the schema of Kubernetes does not say: rules between fields.
    #[test]
    fn the_rules_between_fields_hold() {
        let request = request();
        let files = files(&request).unwrap();
        let manifest: Value = serde_json::from_str(files.main()).unwrap();
        for job in manifest["items"].as_array().unwrap() {
            let name = job["metadata"]["generateName"].as_str().unwrap();
            // Five letters are added; for a pod of an indexed Job its index, and five more.
            assert!(name.len() + 5 + 12 <= 63, "{name}");
            let spec = &job["spec"];
            let pod = &spec["template"]["spec"];
            assert_eq!(pod["restartPolicy"], "Never", "needed for podFailurePolicy");
            for rule in spec["podFailurePolicy"]["rules"].as_array().unwrap() {
                let Some(codes) = rule.get("onExitCodes") else {
                    continue;
                };
                let values: Vec<u64> = codes["values"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|value| value.as_u64().unwrap())
                    .collect();
                assert!(values.is_sorted());
                assert!(codes["operator"] != "In" || !values.contains(&0));
            }
            if spec.get("backoffLimitPerIndex").is_some() {
                assert_eq!(spec["completionMode"], "Indexed");
                assert_eq!(spec["completions"], 4);
            } else {
                assert!(pod["containers"][0].get("resources").is_none());
            }
        }
    }

    #[test]
    fn a_job_outside_of_the_volume_is_refused() {
        let mut request = request();
        request.job = "/home/film.job".into();
        assert!(files(&request).is_err());
        request.volume = None;
        assert!(files(&request).is_err());
    }
}
