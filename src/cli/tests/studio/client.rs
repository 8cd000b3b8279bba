//! The client for Python that docs/clients has.

use super::*;

const SCRIPT: &str = r#"
import sys, threading
from aquatint_client import Client, Problem

studio = Client(sys.argv[1])
heard = []
listener = threading.Thread(target=lambda: heard.extend(studio.events()), daemon=True)
listener.start()
assert [root["id"] for root in studio.roots()] == ["films", "uploads"], studio.roots()
assert [entry["name"] for entry in studio.files("films")] == ["a.mp4"]
assert studio.probe("films/a.mp4")["video"]["width"] == 192
told = []
file = studio.upload("b.mp4", told=lambda done, size: told.append((done, size)))
assert file == "uploads/b.mp4" and told[-1][0] == told[-1][1], (file, told)
request = {"style": "pencil", "device": "cpu"}
jobs = studio.add(["films/a.mp4", file], request, folder="films", key="one")
assert [job["id"] for job in studio.add(["films/a.mp4", file], request, folder="films", key="one")] == [job["id"] for job in jobs]
ended = [studio.wait(job["id"]) for job in jobs]
assert all(job["state"] == "done" for job in ended), ended
studio.download(ended[1]["outputs"][0]["file"], "out.mp4")
assert studio.report(jobs[0]["id"])["frames_out"] == 50
assert len(studio.jobs("done")) == 2
found = studio.task("/analyses", {"file": "films/a.mp4", "fast": True})
assert len(found["findings"]) > 20
copy = studio.act(jobs[0]["id"], "duplicate", paused=True, request={"existing": "replace"})
assert copy["state"] == "paused" and studio.act(copy["id"], "cancel")["state"] == "cancelled"
try:
    studio.add(["films/nothing.mp4"])
    raise SystemExit("nothing.mp4 was taken")
except Problem as problem:
    assert problem.status == 404 and problem.detail, problem
names = {name for name, _ in heard}
assert {"job", "progress", "task"} <= names, names
print("all is well")
"#;

#[test]
fn the_client_for_python_does_what_it_says() {
    let folder = Folder::new();
    let other = film(&folder, "b.mp4", 3);
    std::fs::rename(other, folder.path("b.mp4")).unwrap();
    film(&folder, "a.mp4", 2);
    let studio = Studio::serve(&folder, &[]);
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/clients");
    let ran = std::process::Command::new("python3")
        .args(["-c", SCRIPT, &format!("http://127.0.0.1:{}", studio.port)])
        .current_dir(folder.path("."))
        .env("PYTHONPATH", &clients)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    assert!(String::from_utf8_lossy(&ran.stdout).contains("all is well"));
    let made = std::fs::read(folder.path("out.mp4")).unwrap();
    assert!(made == std::fs::read(folder.path("films/b.pencil.mp4")).unwrap());
}
