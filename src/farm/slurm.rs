//! Slurm: a job array that renders, and a job after it that joins.

use super::quote::quoted;
use super::request::Request;
use super::submit::Files;
use crate::render::in_ranges;

/// Slurm's arrays have indices from 0 to 1000, unless a site has set another `MaxArraySize`.
const INDICES: usize = 1001;
/// How often a task that is to be tried again is.
const RETRIES: u32 = 3;

/// The scripts, and one that submits them and prints the numbers of the jobs.
pub(super) fn files(request: &Request, here: &str) -> Files {
    let (job, program) = (quoted(&request.job_text()), quoted(&request.program(here)));
    let name = &request.name;
    let last = request.missing.last().copied().unwrap_or_default();
    // Indices are the numbers of tasks where these are not too large.
    let (array, tasks) = match last < INDICES {
        true => (
            in_ranges(&request.missing),
            "\"$SLURM_ARRAY_TASK_ID\"".to_owned(),
        ),
        false => packed(&request.missing),
    };
    let mut options = vec![
        format!("--job-name={name}"),
        format!(
            "--array={array}{}",
            request
                .parallel
                .map_or(String::new(), |tasks| format!("%{tasks}"))
        ),
        "--requeue".to_owned(),
        "--open-mode=append".to_owned(),
        "--output=logs/slurm-%A_%a.log".to_owned(),
    ];
    if request.gpu {
        options.push("--gres=gpu:1".to_owned());
    }
    if let Some(cpus) = request.cpus {
        options.push(format!("--cpus-per-task={cpus}"));
    }
    if let Some(time) = &request.time_limit {
        options.push(format!("--time={time}"));
        // A minute before, so that what is done is kept.
        options.push("--signal=B:TERM@60".to_owned());
    }
    let render = format!(
        "#!/bin/sh
{}
# Lines with #SBATCH are for the site: partition, account, memory.
job={job}
aquatint={program}
\"$aquatint\" chunk \"$job\" {tasks} &
child=$!
trap 'kill -TERM $child' TERM
code=75
# A signal ends a wait, and not yet the program.
while kill -0 $child 2>/dev/null; do
    wait $child
    code=$?
done
# 75 is to be tried again, and what the system has killed. A site may requeue 75 itself (RequeueExit=75), without end.
if [ $code = 75 ] || [ $code -gt 128 ]; then
    [ \"${{SLURM_RESTART_COUNT:-0}}\" -ge {RETRIES} ] && exit 1
    scontrol requeue \"${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID\"
fi
exit $code
",
        directives(&options)
    );
    let stitch = [
        format!("--job-name={name}-stitch"),
        "--output=logs/slurm-stitch-%j.log".to_owned(),
    ];
    let stitch = format!(
        "#!/bin/sh\n{}\njob={job}\nexec {program} stitch \"$job\"\n",
        directives(&stitch)
    );
    let submit = format!(
        "#!/bin/sh
# Submits the tasks, and what joins them when all are done. Prints the numbers of both jobs.
set -e
cd {job}
array=$(sbatch --parsable --chdir=\"$PWD\" farm/render.sbatch)
echo \"${{array%%;*}}\"
stitch=$(sbatch --parsable --chdir=\"$PWD\" --dependency=\"afterok:${{array%%;*}}\" --kill-on-invalid-dep=yes farm/stitch.sbatch)
echo \"${{stitch%%;*}}\"
"
    );
    Files::new(("render.sbatch", render))
        .with("stitch.sbatch", stitch)
        .with("submit.sh", submit)
        .needs("sbatch")
        .queued(["sh", "submit.sh"], &["scancel"])
}

fn directives(options: &[String]) -> String {
    let lines = options.iter().map(|option| format!("#SBATCH {option}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The indices of an array whose tasks are several of `missing` each, and the words that name those of one index.
fn packed(missing: &[usize]) -> (String, String) {
    let each = missing.len().div_ceil(INDICES);
    let indices = missing.len().div_ceil(each);
    let last = missing.len() - 1;
    let words = format!(
        "\"$((SLURM_ARRAY_TASK_ID * {each}))-$((SLURM_ARRAY_TASK_ID * {each} + {} < {last} ? SLURM_ARRAY_TASK_ID * {each} + {} : {last}))\" --among {}",
        each - 1,
        each - 1,
        in_ranges(missing)
    );
    (format!("0-{}", indices - 1), words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::task_numbers;

    #[test]
    fn more_tasks_than_indices_are_packed_and_each_is_named_once() {
        let missing: Vec<usize> = (0..20_000).filter(|task| task % 7 != 3).collect();
        let (array, words) = packed(&missing);
        let last: usize = array.strip_prefix("0-").unwrap().parse().unwrap();
        assert!(last < INDICES);
        let script = format!(
            "SLURM_ARRAY_TASK_ID=0; while [ $SLURM_ARRAY_TASK_ID -le {last} ]; do set -- {words}; echo $1; \
             SLURM_ARRAY_TASK_ID=$((SLURM_ARRAY_TASK_ID + 1)); done"
        );
        let said = std::process::Command::new("sh")
            .args(["-c", &script])
            .output()
            .unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        let places = said
            .lines()
            .map(|line| task_numbers(line, missing.len()).unwrap());
        let places: Vec<usize> = places.flatten().collect();
        assert_eq!(places, (0..missing.len()).collect::<Vec<_>>());
    }
}
