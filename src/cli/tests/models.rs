//! Neural models: what `aquatint models` lists, checks, fetches and removes.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::onnx::identity;
use crate::support::*;

fn json(folder: &Folder) -> Vec<Value> {
    let ran = folder.run(&["models", "--json"]);
    let all: Value = serde_json::from_str(&ran.succeeds().stdout).unwrap();
    let added = |model: &&Value| model["origin"] == "added";
    all.as_array()
        .unwrap()
        .iter()
        .filter(added)
        .cloned()
        .collect()
}

#[test]
fn a_model_is_checked_added_listed_and_removed() {
    let folder = Folder::new();
    folder.write("calm.onnx", &identity());
    let checked = folder.run(&["models", "check", "calm.onnx"]);
    checked.says(0, &["unit (0 to 1) is assumed", "calm.toml"]);
    for part in [
        "f32 n x 3 x h x w",
        "rten",
        " ms",
        "[input.\"a\"]",
        "scale = 1",
        "memory = ",
    ] {
        assert!(
            checked.stdout.contains(part),
            "no {part} in {}",
            checked.stdout
        );
    }
    let mut lines = checked.stdout.lines();
    let shown = lines.find_map(|line| line.strip_prefix("before and after: "));
    let shown = shown.unwrap();
    assert!(shown.ends_with("checks/calm.png"), "{shown}");
    assert_eq!(halves_differ(Path::new(shown)), 0);
    folder.write("there.png", b"mine");
    let check = |more: &[&str]| {
        folder.run(&[&["models", "check", "calm.onnx", "-o", "there.png"], more].concat())
    };
    check(&[]).says(2, &["there.png", "exists", "-y"]);
    check(&["-y", "--picture", "calm.onnx"]).says(65, &["calm.onnx"]);
    assert_eq!(std::fs::read(folder.path("there.png")).unwrap(), b"mine");
    check(&["--overwrite"]).succeeds();
    assert_eq!(halves_differ(&folder.path("there.png")), 0);
    let alone = folder.run(&[
        "models",
        "check",
        "calm.onnx",
        "--contract",
        "--range",
        "signed",
    ]);
    let alone: toml::Table = alone.succeeds().stdout.parse().unwrap();
    assert_eq!(alone["input"]["a"]["range"].as_str(), Some("signed"));
    // What was printed may be saved as it is.
    let contract = checked.stdout.split("contract\n\n").nth(1).unwrap();
    let contract = contract
        .replace("licence = \"\"", "licence = \"CC0-1.0\"")
        .replace("range = \"unit\"", "range = \"byte\"");
    folder.write("calm.toml", contract.as_bytes());
    let again = folder.run(&["models", "check", "calm.onnx", "--engine", "rten"]);
    assert!(again.says(0, &[]).stderr.is_empty(), "{}", again.stderr);
    assert!(again.stdout.contains("range = \"byte\""));

    folder
        .run(&["models", "add", "calm.onnx"])
        .says(2, &["no terminal", "give --yes"]);
    let added = folder.run(&["models", "add", "calm.onnx", "--name", "quiet", "--yes"]);
    let stdout = &added.succeeds().stdout;
    let licence = stdout.find("licence: CC0-1.0").unwrap();
    assert!(licence < stdout.find("added quiet").unwrap());
    let models = json(&folder);
    assert_eq!(models.len(), 1);
    assert_eq!(models[0]["name"], "quiet");
    assert_eq!(models[0]["licence"], "CC0-1.0");
    assert_eq!(models[0]["bytes"], identity().len());
    folder.run(&["models", "check", "quiet"]).succeeds();
    folder
        .run(&["models", "add", "calm.onnx", "--name", "quiet", "-y"])
        .says(2, &["\"quiet\" already", "--force"]);
    folder
        .run(&[
            "models",
            "add",
            "calm.onnx",
            "--name",
            "quiet",
            "-y",
            "--force",
        ])
        .succeeds();
    folder
        .run(&["models", "remove", "quite"])
        .says(2, &["did you mean \"quiet\""]);
    // Only names: no file or folder elsewhere is touched.
    for elsewhere in ["calm.onnx", "../calm.onnx", "data/../calm.onnx", "."] {
        folder
            .run(&["models", "remove", elsewhere])
            .says(2, &["there is no model"]);
    }
    assert!(folder.path("calm.onnx").is_file());
    folder.run(&["models", "remove", "quiet"]).succeeds();
    assert!(json(&folder).is_empty());
    assert_eq!(names(&folder.path("data/aquatint/models")), [] as [&str; 0]);
}

#[test]
fn bad_models_are_refused_with_a_remedy() {
    let folder = Folder::new();
    let check = |name: &str| folder.run(&["models", "check", name]);
    check("missing.onnx").says(65, &["there is no model missing.onnx"]);
    check("nothing").says(2, &["there is no model \"nothing\""]);
    let whole = identity();
    folder.write("cut.onnx", &whole[..whole.len() - 20]);
    check("cut.onnx").says(65, &["cut.onnx is no ONNX model", "ends in the middle"]);
    folder.write("page.onnx", b"<html>404</html>");
    check("page.onnx").says(65, &["fetch or export the file again"]);
    folder.write("m.onnx", &whole);
    folder.write("m.toml", b"[input.a]\nragne = 'byte'");
    check("m.onnx").says(65, &["input.a.ragne (did you mean \"range\"?)"]);
    folder.write("m.toml", b"");
    folder
        .run(&["models", "check", "m.onnx", "--engine", "cdua"])
        .says(2, &["cuda", "ort-cpu"]);
    folder
        .run(&["models", "add", "cut.onnx", "-y"])
        .says(65, &["ends in the middle"]);
    assert!(json(&folder).is_empty());
    folder
        .run(&["models", "add", "http://example.com/m.onnx", "-y"])
        .says(2, &["over HTTPS only"]);
    let digits = "0".repeat(64);
    folder
        .run(&["models", "add", "m.onnx", "-y", "--sha256", &digits])
        .says(65, &["another file than was expected"]);
}

#[test]
fn a_card_that_is_not_there_is_told() {
    let folder = Folder::new();
    folder.write("m.onnx", &identity());
    for engine in ["cuda", "tensorrt"] {
        let ran = folder.run(&["models", "check", "m.onnx", "--engine", engine]);
        if ran.code != Some(0) {
            ran.says(69, &["onnxruntime-gpu"]);
        }
    }
    // A library that is none.
    folder.write("libonnxruntime.so", b"nothing");
    let library = folder.path("libonnxruntime.so");
    let with = |engine: &str| -> Ran {
        let arguments = ["models", "check", "m.onnx", "--engine", engine];
        let mut command = folder.command(&arguments);
        command
            .env("ORT_DYLIB_PATH", &library)
            .output()
            .unwrap()
            .into()
    };
    with("ort-cpu").says(69, &["libonnxruntime.so cannot be used", "--engine rten"]);
    with("rten").succeeds();
    let doctor: Ran = folder
        .command(&["doctor"])
        .env("ORT_DYLIB_PATH", &library)
        .output()
        .unwrap()
        .into();
    for part in [
        "libonnxruntime.so cannot be used",
        "pip install",
        "--target",
    ] {
        assert!(doctor.succeeds().stdout.contains(part), "{}", doctor.stdout);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_package_that_is_too_old_is_told() {
    let folder = Folder::new();
    folder.write("m.onnx", &identity());
    let packages = folder.path("env/lib/python3.9/site-packages");
    std::fs::create_dir_all(packages.join("onnxruntime/capi")).unwrap();
    std::fs::create_dir(packages.join("onnxruntime-1.16.3.dist-info")).unwrap();
    let run = |arguments: &[&str]| -> Ran {
        // Without the libraries and the Python of this machine.
        let mut command = folder.command(arguments);
        command
            .env("VIRTUAL_ENV", folder.path("env"))
            .env("HOME", folder.path("home"))
            .env("PATH", "/usr/bin")
            .env_remove("CONDA_PREFIX")
            .env_remove("ORT_DYLIB_PATH");
        command.output().unwrap().into()
    };
    let doctor = run(&["doctor"]);
    if doctor.succeeds().stdout.contains("found in") {
        skip(
            "this machine has ONNX Runtime for all its users",
            "test on a machine without one",
        );
        return;
    }
    for part in [
        "ONNX Runtime 1.16.3, which is too old",
        "1.17 or later",
        "onnxruntime==",
    ] {
        assert!(
            doctor.stdout.contains(part),
            "no {part} in {}",
            doctor.stdout
        );
    }
    run(&["models", "check", "m.onnx", "--engine", "ort-cpu"]).says(
        69,
        &[
            "site-packages/onnxruntime/capi is ONNX Runtime 1.16.3",
            "aquatint doctor",
        ],
    );
    run(&["models", "check", "m.onnx"]).succeeds();
}

/// How the server answers its requests, one after the other; the last way stays.
#[derive(Clone, Copy, PartialEq)]
enum Answers {
    Whole,
    /// Half of what is left, then the connection ends.
    Half,
    /// As `Half`, and parts are never sent: each answer begins at the first byte.
    HalfWithoutParts,
    Status(u16),
}

/// A server on this machine that gives `content` as `/m.onnx`, and nothing else. Its requests are kept.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

fn serve(content: Vec<u8>, ways: &'static [Answers]) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://127.0.0.1:{}/m.onnx",
        listener.local_addr().unwrap().port()
    );
    let requests = Arc::new(Mutex::new(Vec::new()));
    let kept = requests.clone();
    std::thread::spawn(move || {
        let mut asked = 0;
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut request = String::new();
            while !request.ends_with("\r\n\r\n") && reader.read_line(&mut request).unwrap() > 0 {}
            if request.starts_with("GET /m.onnx ") {
                let way = ways[asked.min(ways.len() - 1)];
                asked += 1;
                kept.lock().unwrap().push(request.clone());
                answer(stream, &request, &content, way);
            } else {
                write_head(&stream, "404 Not Found", "Content-Length: 0\r\n");
            }
        }
    });
    Server { url, requests }
}

fn write_head(mut stream: &TcpStream, status: &str, headers: &str) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n");
    let _ = stream.write_all(head.as_bytes());
}

fn answer(mut stream: TcpStream, request: &str, content: &[u8], way: Answers) {
    if let Answers::Status(status) = way {
        return write_head(&stream, &format!("{status} No"), "Content-Length: 0\r\n");
    }
    let header = |name: &str| {
        let mut lines = request.lines();
        let line = lines.find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        });
        line.map(str::to_owned)
    };
    let from = header("range").filter(|_| {
        way != Answers::HalfWithoutParts && header("if-range").as_deref() == Some("\"one\"")
    });
    let from = from.map(|range| {
        range["bytes=".len()..range.len() - 1]
            .parse::<usize>()
            .unwrap()
    });
    let start = from.unwrap_or(0);
    let rest = &content[start..];
    let length = format!("ETag: \"one\"\r\nContent-Length: {}\r\n", rest.len());
    match from {
        None => write_head(&stream, "200 OK", &length),
        Some(start) => {
            let range = format!(
                "Content-Range: bytes {start}-{}/{}\r\n",
                content.len() - 1,
                content.len()
            );
            write_head(&stream, "206 Partial Content", &format!("{length}{range}"));
        }
    }
    let sent = if way == Answers::Whole {
        rest
    } else {
        &rest[..rest.len() / 2]
    };
    let _ = stream.write_all(sent);
}

fn hash(bytes: &[u8]) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_download_goes_on_where_it_ended() {
    let folder = Folder::new();
    let model = identity();
    let server = serve(
        model.clone(),
        &[Answers::Half, Answers::Half, Answers::Whole],
    );
    let ran = folder.run(&[
        "models",
        "add",
        &server.url,
        "-y",
        "--sha256",
        &hash(&model),
    ]);
    ran.says(0, &["going on at"]);
    let requests = server.requests.lock().unwrap();
    assert_eq!(requests.len(), 3, "{requests:?}");
    let range = format!("range: bytes={}-", model.len() / 2);
    assert!(
        requests[1].to_lowercase().contains(&range),
        "{}",
        requests[1]
    );
    let models = json(&folder);
    assert_eq!(models[0]["name"], "m");
    assert_eq!(models[0]["source"], server.url);
    let stored = std::fs::read(PathBuf::from(models[0]["path"].as_str().unwrap())).unwrap();
    assert_eq!(stored, model);
}

#[test]
fn an_interrupted_command_is_taken_up_by_the_next() {
    let folder = Folder::new();
    let model = identity();
    let server = serve(
        model.clone(),
        &[Answers::Half, Answers::Status(404), Answers::Whole],
    );
    let add = || folder.run(&["models", "add", &server.url, "-y"]);
    add().says(69, &["404", "goes on where it ended"]);
    assert!(json(&folder).is_empty());
    add().succeeds();
    let requests = server.requests.lock().unwrap();
    assert!(
        requests[2].to_lowercase().contains("range: bytes="),
        "{}",
        requests[2]
    );
    assert_eq!(json(&folder).len(), 1);
    assert_eq!(names(&folder.path("data/aquatint/models")), ["m"]);
}

#[test]
fn a_server_without_parts_sends_all_again() {
    let folder = Folder::new();
    let model = identity();
    let server = serve(model.clone(), &[Answers::HalfWithoutParts, Answers::Whole]);
    folder
        .run(&[
            "models",
            "add",
            &server.url,
            "-y",
            "--sha256",
            &hash(&model),
        ])
        .succeeds();
    let server = serve(model, &[Answers::HalfWithoutParts]);
    let ran = folder.run(&["models", "add", &server.url, "-y", "--name", "other"]);
    ran.says(69, &["could not be fetched"]);
}

#[test]
fn a_file_with_another_hash_is_not_kept() {
    let folder = Folder::new();
    let server = serve(identity(), &[Answers::Whole]);
    let digits = "0".repeat(64);
    let add = |hash: &str| folder.run(&["models", "add", &server.url, "-y", "--sha256", hash]);
    add(&digits).says(65, &["another file than was expected"]);
    assert!(json(&folder).is_empty());
    assert_eq!(names(&folder.path("data/aquatint/models")), [] as [&str; 0]);
    let ran = folder.run(&["models", "add", &server.url, "-y", "--progress", "json"]);
    let last = ran
        .succeeds()
        .events()
        .into_iter()
        .rfind(|event| event["event"] == "download");
    let last = last.unwrap();
    assert_eq!(last["bytes"], last["total"]);
}

/// Samples by which the halves of a picture differ, which stand beside each other with 8 white columns between.
fn halves_differ(picture: &Path) -> usize {
    let output = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i", text(picture)])
        .args(["-pix_fmt", "rgb24", "-f", "rawvideo", "-"])
        .output()
        .unwrap();
    let half = 3 * 640;
    let rows = output.stdout.chunks_exact(2 * half + 3 * 8);
    assert_eq!(rows.len(), 360);
    let differs = |row: &[u8]| {
        let (left, right) = (&row[..half], &row[half + 24..]);
        assert_eq!(row[half..half + 24], [255; 24]);
        left.iter().zip(right).filter(|(a, b)| a != b).count()
    };
    rows.map(differs).sum()
}
