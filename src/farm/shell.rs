//! This machine: a script.

use super::quote::quoted;
use super::request::Request;
use super::submit::Files;

/// Tasks at a time where no number was asked for: one decodes and encodes while the other renders.
const AT_A_TIME: usize = 2;

/// A script that renders the tasks, and joins them; run in the foreground.
pub(super) fn files(request: &Request, here: &str) -> Files {
    let (job, program) = (quoted(&request.job_text()), quoted(&request.program(here)));
    let usual = if request.gpu { 1 } else { AT_A_TIME };
    let parallel = request.parallel.unwrap_or(usual);
    let tasks: Vec<String> = request.missing.iter().map(usize::to_string).collect();
    let script = format!(
        "#!/bin/sh
# Renders tasks of a job on this machine, {parallel} at a time, and joins them. Run it again after a failure: what is done stays.
job={job}
aquatint={program}
for attempt in 1 2 3; do
    xargs -P {parallel} -n 1 \"$aquatint\" chunk \"$job\" < \"$job/farm/tasks\" && break
done
exec \"$aquatint\" stitch \"$job\"
"
    );
    Files::new(("shell.sh", script))
        .with("tasks", tasks.join("\n") + "\n")
        .run(["sh", "shell.sh"])
}
