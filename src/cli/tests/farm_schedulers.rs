//! The files that schedulers are given, run by the schedulers themselves where these can be had.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::farm::{local, planned, status};
use crate::long::slow_clip;
use crate::skip::skip;
use crate::support::*;

const APART: [&str; 6] = ["--device", "cpu", "--chunk", "10", "--temporal", "off"];

/// The program, as schedulers are to call it.
const PROGRAM: &str = env!("CARGO_BIN_EXE_aquatint");

/// A program of the environment that `make tools` fills, or of the system.
fn tool_path(name: &str) -> Option<PathBuf> {
    let own = std::env::var_os("VIRTUAL_ENV").map(|place| Path::new(&place).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = own.into_iter().chain(std::env::split_paths(&path));
    folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file()))
}

#[test]
fn this_machine_renders_what_is_missing() {
    let folder = Folder::new();
    let clip = slow_clip();
    let expected = local(&folder, &clip, "local.mp4");
    // A name that a shell takes apart, unless it is told not to.
    let job = "it's a $(film)";
    let tasks = planned(&folder, &clip, "farm.mp4", job, &APART);
    folder.run(&["chunk", job, "0-1"]).succeeds();
    let dry = folder.run(&[
        "submit",
        job,
        "--scheduler",
        "shell",
        "--parallel",
        "3",
        "--dry-run",
    ]);
    assert!(
        dry.succeeds().stdout.contains("xargs -P 3"),
        "{}",
        dry.stdout
    );
    assert!(!folder.path(job).join("farm").exists());
    folder
        .run(&["submit", job, "--scheduler", "shell", "--out", "mine.sh"])
        .succeeds();
    assert!(folder.path("mine.sh").exists());
    assert_eq!(status(&folder, job)["done"], 2);
    folder
        .run(&["submit", job, "--scheduler", "shell", "--image", "x"])
        .says(2, &["--image means nothing for shell"]);
    let ran = folder.run(&["submit", job, "--scheduler", "shell", "--parallel", "3"]);
    ran.says(0, &[&format!("tasks 2-{}", tasks - 1)]);
    assert!(!ran.stdout.contains("task 0 "), "{}", ran.stdout);
    assert!(std::fs::read(folder.path("farm.mp4")).unwrap() == expected);
    assert_eq!(folder.names(), ["farm.mp4", "local.mp4", "mine.sh"]);
}

#[test]
fn open_job_description_takes_the_template_and_its_runner_runs_it() {
    let Some(openjd) = tool_path("openjd") else {
        skip("no openjd", "`make tools`, or pip install openjd-cli");
        return;
    };
    let folder = Folder::new();
    let clip = slow_clip();
    let expected = local(&folder, &clip, "local.mp4");
    planned(&folder, &clip, "farm.mp4", "film.job", &APART);
    folder.run(&["chunk", "film.job", "1"]).succeeds();
    let submit = [
        "submit",
        "film.job",
        "--scheduler",
        "openjd",
        "--program",
        PROGRAM,
    ];
    let out = [&submit[..], &["--out", "template.json"]].concat();
    folder.run(&out).succeeds();
    let check = Command::new(&openjd)
        .arg("check")
        .arg(folder.path("template.json"))
        .output()
        .unwrap();
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stdout)
    );
    // What a task says of its failure is for the scheduler, too.
    let wrong = ["chunk", "film.job", "99", "--progress", "openjd"];
    folder
        .run(&wrong)
        .says(2, &["openjd_fail: there is no task 99"]);
    // Without its client, what it is given is written, and that is said.
    let bare = folder
        .command(&submit)
        .env("PATH", "/nowhere")
        .output()
        .unwrap();
    Ran::from(bare).says(69, &["openjd is not installed here", "film.job/farm"]);
    let path = std::env::join_paths(openjd.parent().map(Path::to_owned).into_iter().chain(
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()),
    ));
    let ran: Ran = folder
        .command(&submit)
        .env("PATH", path.unwrap())
        .output()
        .unwrap()
        .into();
    ran.succeeds();
    assert!(
        ran.stdout.contains("aquatint") || ran.stderr.contains("aquatint"),
        "{}",
        ran.stdout
    );
    assert!(std::fs::read(folder.path("farm.mp4")).unwrap() == expected);
}

#[test]
fn kubernetes_takes_the_manifest() {
    let Some(validate) = tool_path("kubernetes-validate") else {
        skip(
            "no kubernetes-validate",
            "`make tools`, or pip install kubernetes-validate",
        );
        return;
    };
    let folder = Folder::new();
    planned(&folder, &slow_clip(), "farm.mp4", "film.job", &APART);
    folder.run(&["chunk", "film.job", "1"]).succeeds();
    let submit = [
        "submit",
        "film.job",
        "--scheduler",
        "k8s",
        "--out",
        "jobs.json",
    ];
    folder.run(&submit).says(2, &["--image IMAGE"]);
    let volume = format!("films:{}", folder.path("").display());
    let all = [
        &submit[..],
        &[
            "--image",
            "registry/aquatint@sha256:0",
            "--volume",
            &volume,
            "--cpus",
            "2",
        ],
    ]
    .concat();
    folder.run(&all).succeeds();
    let list: Value =
        serde_json::from_slice(&std::fs::read(folder.path("jobs.json")).unwrap()).unwrap();
    let jobs = list["items"].as_array().unwrap();
    assert_eq!(jobs.len(), 2);
    let command = jobs[0]["spec"]["template"]["spec"]["containers"][0]["command"].to_string();
    assert!(
        command.contains("$(JOB_COMPLETION_INDEX)") && command.contains("0,2-"),
        "{command}"
    );
    for (index, job) in jobs.iter().enumerate() {
        // Kubernetes makes the name; the check wants one.
        let mut job = job.clone();
        job["metadata"]["name"] = json!("film");
        let path = folder.write(&format!("{index}.yaml"), job.to_string().as_bytes());
        let checked = |path: &Path| {
            Command::new(&validate)
                .args(["--strict", "-k", "1.33", text(path)])
                .output()
                .unwrap()
        };
        let output = checked(&path);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        // The check sees what is misspelt.
        let mut wrong = job.clone();
        wrong["spec"]["podFailurePolicies"] = json!({});
        let path = folder.write("wrong.yaml", wrong.to_string().as_bytes());
        assert!(!checked(&path).status.success());
    }
}

#[test]
fn flamenco_makes_a_task_of_each_and_one_that_joins() {
    if tool_path("node").is_none() {
        skip("no node", "install nodejs");
        return;
    }
    let folder = Folder::new();
    let tasks = planned(&folder, &slow_clip(), "farm.mp4", "film.job", &APART);
    folder.run(&["chunk", "film.job", "0"]).succeeds();
    folder
        .run(&["submit", "film.job", "--scheduler", "flamenco"])
        .says(0, &["film.job/farm"]);
    // What the manager gives a job type: it runs the same language.
    let manager = r#"
        const fs = require("fs"), vm = require("vm");
        const tasks = [];
        const author = {
            Task: (name, type) => ({ name, type, commands: [], needs: [],
                addCommand(command) { this.commands.push(command); },
                addDependency(task) { this.needs.push(task.name); } }),
            Command: (name, parameters) => ({ name, parameters }),
        };
        const frameChunker = (frames, each) => {
            const all = frames.split(",").flatMap(part => {
                const [first, last] = part.split("-").map(Number);
                return Array.from({ length: (last ?? first) - first + 1 }, (_, at) => first + at);
            });
            const chunks = [];
            for (let at = 0; at < all.length; at += each) chunks.push(all.slice(at, at + each).join(","));
            return chunks;
        };
        const context = vm.createContext({ author, frameChunker });
        vm.runInContext(fs.readFileSync(process.argv[1], "utf8") + "\n;this.type = JOB_TYPE; this.compile = compileJob", context);
        const job = JSON.parse(fs.readFileSync(process.argv[2]));
        for (const setting of context.type.settings)
            if (setting.required && !(setting.key in job.settings)) throw new Error(setting.key);
        const compiled = Object.assign({}, job, { addTask: task => tasks.push(JSON.parse(JSON.stringify(task))) });
        context.compile(compiled);
        console.log(JSON.stringify(tasks));
    "#;
    let job = folder.path("film.job/farm");
    let output = Command::new("node")
        .args(["-e", manager])
        .arg(job.join("aquatint.js"))
        .arg(job.join("flamenco.json"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let compiled: Value = serde_json::from_slice(&output.stdout).unwrap();
    let compiled = compiled.as_array().unwrap();
    assert_eq!(compiled.len(), tasks);
    let (stitch, renders) = compiled.split_last().unwrap();
    assert_eq!(stitch["needs"].as_array().unwrap().len(), tasks - 1);
    let place = folder.path("film.job").canonicalize().unwrap();
    assert_eq!(
        renders[0]["commands"][0]["parameters"]["args"],
        json!(["chunk", text(&place), "1"])
    );
}

/// A cluster of Slurm on this machine, with two nodes, in a folder of its own. Its daemons are children of the test.
struct Cluster {
    folder: PathBuf,
    daemons: Vec<(String, Child)>,
}

impl Cluster {
    /// `None` where Slurm is not installed, which is said.
    fn start(folder: &Folder) -> Option<Self> {
        let programs = ["slurmctld", "slurmd", "sbatch", "scontrol", "sinfo"];
        // Daemons are in folders of the system that a user's PATH may lack.
        let missing = programs.iter().find(|name| sbin(name).is_none());
        if missing.is_some() {
            skip("no Slurm", "install slurm-wlm");
            return None;
        }
        let place = folder.path("slurm");
        std::fs::create_dir_all(place.join("state")).unwrap();
        let ports: Vec<u16> = (0..3).map(|_| free_port()).collect();
        let [controller, first, second] = ports[..] else {
            unreachable!()
        };
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        let user = String::from_utf8(user).unwrap().trim().to_owned();
        let d = place.display();
        let config = format!(
            "ClusterName=test\nSlurmctldHost=localhost(127.0.0.1)\nSlurmctldPort={controller}\nSlurmUser={user}\nSlurmdUser={user}\n\
             AuthType=auth/none\nAuthInfo=cred_expire=5\nCredType=cred/none\nMpiDefault=none\nProctrackType=proctrack/linuxproc\n\
             TaskPlugin=task/none\nSwitchType=switch/none\nSelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\n\
             JobAcctGatherType=jobacct_gather/none\nAccountingStorageType=accounting_storage/none\n\
             JobCompType=jobcomp/filetxt\nJobCompLoc={d}/jobcomp.txt\nReturnToService=2\nKillWait=5\nSlurmdTimeout=30\n\
             SlurmctldTimeout=30\nSchedulerParameters=sched_interval=1\nStateSaveLocation={d}/state\n\
             SlurmctldPidFile={d}/ctld.pid\nSlurmctldLogFile={d}/ctld.log\nSlurmdPidFile={d}/%n.pid\n\
             SlurmdLogFile={d}/%n.log\nSlurmdSpoolDir={d}/spool.%n\n\
             NodeName=n0 NodeHostname=localhost NodeAddr=127.0.0.1 Port={first} CPUs=1 State=UNKNOWN\n\
             NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={second} CPUs=1 State=UNKNOWN\n\
             PartitionName=main Nodes=n[0-1] Default=YES MaxTime=INFINITE State=UP\n"
        );
        let path = place.join("slurm.conf");
        std::fs::write(&path, config).unwrap();
        let mut cluster = Self {
            folder: place,
            daemons: Vec::new(),
        };
        cluster.daemon("slurmctld", &["-D", "-c", "-f", text(&path)]);
        for node in ["n0", "n1"] {
            cluster.daemon("slurmd", &["-D", "-f", text(&path), "-N", node]);
        }
        cluster.until("two idle nodes", |cluster| {
            cluster
                .ask(&["sinfo", "-h", "-N", "-o", "%T"])
                .lines()
                .filter(|state| *state == "idle")
                .count()
                == 2
        });
        Some(cluster)
    }

    fn daemon(&mut self, name: &str, arguments: &[&str]) {
        let child = Command::new(sbin(name).unwrap())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.daemons.push((name.to_owned(), child.unwrap()));
    }

    fn config(&self) -> PathBuf {
        self.folder.join("slurm.conf")
    }

    /// What a client of Slurm's says.
    fn ask(&self, command: &[&str]) -> String {
        let output = Command::new(sbin(command[0]).unwrap())
            .args(&command[1..])
            .env("SLURM_CONF", self.config())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    #[track_caller]
    fn until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            for (name, child) in &mut self.daemons {
                assert!(
                    child.try_wait().unwrap().is_none(),
                    "{name} has ended: {}",
                    self.folder.display()
                );
            }
            assert!(
                start.elapsed() < Duration::from_secs(180),
                "no {what}: {}",
                self.ask(&["squeue"])
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.ask(&["scancel", "--state=RUNNING", "--user=root"]);
        for (_, child) in self.daemons.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn sbin(name: &str) -> Option<PathBuf> {
    let more = ["/usr/sbin", "/sbin", "/usr/local/sbin"].map(|folder| Path::new(folder).join(name));
    tool_path(name).or_else(|| more.into_iter().find(|path| path.is_file()))
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn slurm_renders_a_film_whatever_happens_to_a_task_and_a_node() {
    let folder = Folder::new();
    let Some(mut cluster) = Cluster::start(&folder) else {
        return;
    };
    // Slow enough that something can happen to it: twelve tasks.
    let clip = made(
        "twelve.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=640x360:rate=10:duration=120",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-g",
            "50",
        ],
    );
    let expected = local(&folder, &clip, "local.mp4");
    let tasks = planned(&folder, &clip, "farm.mp4", "film.job", &APART);
    assert_eq!(tasks, 12);
    let config = cluster.config();
    let submit = |arguments: &[&str]| -> Ran {
        let all = [&["submit", "film.job", "--scheduler", "slurm"], arguments].concat();
        folder
            .command(&all)
            .env("SLURM_CONF", &config)
            .output()
            .unwrap()
            .into()
    };
    let dry = submit(&["--dry-run", "--parallel", "2"]);
    assert!(
        dry.succeeds().stdout.contains("#SBATCH --array=0-11%2"),
        "{}",
        dry.stdout
    );
    let ran = submit(&["--parallel", "2"]);
    let ids: Vec<String> = ran.succeeds().stdout.lines().map(str::to_owned).collect();
    assert_eq!(ids.len(), 2, "{}", ran.stdout);
    // A task that runs is killed by force, as a system without memory does; it is queued again.
    let job = folder.path("film.job");
    let mut victim = None;
    cluster.until("running task", |_| {
        let seen = folder.run(&["status", "film.job", "--json"]);
        let seen: Value = serde_json::from_str(&seen.stdout).unwrap_or_default();
        victim = seen["running"][0]["pid"].as_u64();
        victim.is_some() || !job.exists()
    });
    let kill = format!("kill -KILL {}", victim.expect("a task ran"));
    assert!(
        Command::new("sh")
            .args(["-c", &kill])
            .status()
            .unwrap()
            .success()
    );
    // Nothing begins on a node for a while.
    cluster.ask(&[
        "scontrol",
        "update",
        "nodename=n1",
        "state=drain",
        "reason=test",
    ]);
    std::thread::sleep(Duration::from_secs(2));
    cluster.ask(&["scontrol", "update", "nodename=n1", "state=resume"]);
    let again = || -> bool {
        let seen = status(&folder, "film.job");
        seen["failed"]
            .as_array()
            .unwrap()
            .iter()
            .any(|task| task["why"].as_str().unwrap().contains("killed"))
    };
    assert!(again(), "the kill was seen");
    cluster.until("output", |_| folder.path("farm.mp4").exists());
    assert!(std::fs::read(folder.path("farm.mp4")).unwrap() == expected);
    cluster.until("end of the queue", |cluster| {
        cluster.ask(&["squeue", "-h"]).trim().is_empty()
    });
    assert!(!job.exists());
    // Only what is missing is submitted; what is taken back is not rendered.
    planned(&folder, &clip, "second.mp4", "film.job", &APART);
    folder.run(&["chunk", "film.job", "0,3"]).succeeds();
    submit(&["--parallel", "1"]).says(0, &["slurm: tasks 1-2,4-11"]);
    let cancel = folder
        .command(&["cancel", "film.job"])
        .env("SLURM_CONF", cluster.config())
        .output();
    let ran: Ran = cancel.unwrap().into();
    assert!(
        ran.succeeds().stdout.starts_with("slurm: "),
        "{}",
        ran.stdout
    );
    cluster.until("end of the queue", |cluster| {
        cluster.ask(&["squeue", "-h"]).trim().is_empty()
    });
    assert!(!folder.path("second.mp4").exists());
    let seen = status(&folder, "film.job");
    assert!(seen["done"].as_u64() < Some(12), "{seen}");
}
