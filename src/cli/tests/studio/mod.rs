//! `aquatint studio` as a page talks to it: over HTTP, with a style that changes on the disk.

mod api;
mod client;
mod description;
mod fuzz;
mod guard;
mod killed;
mod page;
mod queue;
mod reach;
mod requests;
mod trainings;
mod watched;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::*;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);

/// A studio that runs.
struct Studio {
    child: Child,
    port: u16,
}

/// An answer of the studio.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// Width, height and RGB of a PNG.
    #[track_caller]
    fn picture(&self) -> (u32, u32, Vec<u8>) {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        png(&self.body)
    }
}

fn png(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height, pixels)
}

impl Studio {
    /// Starts it on a free port.
    fn start(folder: &Folder, arguments: &[&str]) -> Self {
        Self::run(folder, &[&["studio", "--no-browser"], arguments].concat())
    }

    /// Starts it without a browser, with the files of the folder `films`, which is made where it is not there.
    fn serve(folder: &Folder, arguments: &[&str]) -> Self {
        std::fs::create_dir_all(folder.path("films")).unwrap();
        Self::run(folder, &[&["serve", "films"], arguments].concat())
    }

    fn run(folder: &Folder, arguments: &[&str]) -> Self {
        let always = ["--port", "0"];
        let arguments = &[arguments, &always].concat();
        let mut command = folder.command(arguments);
        // Clips are made anew in each test.
        command.env("XDG_CACHE_HOME", folder.path("cache"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("http://127.0.0.1:");
        let port = port.and_then(|rest| Some(rest.split_once('/')?.0));
        let port = port.unwrap_or_else(|| {
            let mut said = String::new();
            let _ = child.stderr.as_mut().unwrap().read_to_string(&mut said);
            panic!("no address: {line:?} {said}")
        });
        Self {
            port: port.parse().unwrap(),
            child,
        }
    }

    /// Sends these bytes, and reads the answer to its end.
    fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        // Where a request is refused early, the rest of it is not taken.
        let _ = stream.write_all(bytes);
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        let end = all.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no head: {}", String::from_utf8_lossy(&all)));
        let head = String::from_utf8(all[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer {
            status,
            head,
            body: all[end + 4..].to_vec(),
        }
    }

    /// Asks for something of the API, with this JSON where there is any. That the answer has a status which the description
    /// of the API names, and the shape that it says, is seen here.
    #[track_caller]
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let kind = "Content-Type: application/json\r\n";
        let (kind, body) = match body {
            Some(body) => (kind, body.to_string()),
            None => ("", String::new()),
        };
        self.ask_with(method, path, kind, body.as_bytes())
    }

    /// As [`Self::ask`], with headers and bytes.
    #[track_caller]
    fn ask_with(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let (port, length) = (self.port, body.len());
        let mut request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        )
        .into_bytes();
        request.extend(body);
        let answer = self.raw(&request);
        description::check(method, path, &answer);
        answer
    }

    /// As [`Self::ask`], of what has this status; its JSON.
    #[track_caller]
    fn gives(&self, status: u16, method: &str, path: &str, body: Option<Value>) -> Value {
        let answer = self.ask(method, path, body.as_ref());
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, status, "{method} {path}: {said}");
        match answer.body.is_empty() {
            true => Value::Null,
            false => answer.json(),
        }
    }

    /// Adds jobs for files in `films`; their ids.
    #[track_caller]
    fn add(&self, files: &[&str], request: Value) -> Vec<i64> {
        let files: Vec<String> = files.iter().map(|file| format!("films/{file}")).collect();
        let body = json!({"files": files, "request": request});
        let added = self.gives(201, "POST", "/jobs", Some(body));
        let items = added["items"].as_array().unwrap();
        items
            .iter()
            .map(|job| job["id"].as_i64().unwrap())
            .collect()
    }

    #[track_caller]
    fn job(&self, id: i64) -> Value {
        self.gives(200, "GET", &format!("/jobs/{id}"), None)
    }

    /// Waits until the job is as `wanted` says.
    #[track_caller]
    fn job_when(&self, id: i64, wanted: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let job = self.job(id);
            if wanted(&job) {
                return job;
            }
            assert!(begun.elapsed() < 3 * LONG, "{job}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    #[track_caller]
    fn job_becomes(&self, id: i64, state: &str) -> Value {
        self.job_when(id, |job| {
            let now = job["state"].as_str().unwrap();
            let ended = ["done", "failed", "cancelled"].contains(&now);
            assert!(!ended || now == state, "{job}");
            now == state
        })
    }

    /// Waits until the task has ended; what it gave.
    #[track_caller]
    fn task(&self, begun: &Value) -> Value {
        let id = begun["id"].as_str().unwrap();
        let start = Instant::now();
        loop {
            let task = self.gives(200, "GET", &format!("/tasks/{id}"), None);
            if !["queued", "running"].contains(&task["state"].as_str().unwrap()) {
                assert_eq!(task["state"], "done", "{task}");
                return task;
            }
            assert!(start.elapsed() < 3 * LONG, "{task}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    fn get(&self, path: &str) -> Answer {
        let host = format!("127.0.0.1:{}", self.port);
        self.raw(
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes(),
        )
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        let kind = "Content-Type: application/json\r\n";
        self.post_with(path, kind, &body.to_string())
    }

    fn post_with(&self, path: &str, headers: &str, body: &str) -> Answer {
        let (port, length) = (self.port, body.len());
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        self.raw(format!("{head}{body}").as_bytes())
    }

    fn frame(&self, frame: u64, values: Value) -> Answer {
        self.post(
            "/api/v1/lab/s1/frame",
            &json!({"frame": frame, "lines": null, "values": values}),
        )
    }

    fn style(&self) -> Value {
        let answer = self.get("/api/v1/lab/s1/style");
        assert_eq!(answer.status, 200);
        answer.json()
    }

    /// Waits until the style is as `wanted` says.
    #[track_caller]
    fn style_when(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let style = self.style();
            if wanted(&style) {
                return style;
            }
            assert!(begun.elapsed() < LONG, "{style}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A clip of these seconds in `films`, with sound. Its pictures do not follow from one another at key frames.
fn film(folder: &Folder, name: &str, seconds: u32) -> PathBuf {
    let picture = format!("testsrc2=size=192x108:rate=25:duration={seconds}");
    let sound = format!("sine=duration={seconds}");
    let codec = [
        "-pix_fmt", "yuv420p", "-c:v", "libx264", "-g", "25", "-c:a", "aac",
    ];
    let inputs = ["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &sound];
    let made = made(
        &format!("film{seconds}.mp4"),
        &[&inputs[..], &codec].concat(),
    );
    std::fs::create_dir_all(folder.path("films")).unwrap();
    let path = folder.path("films").join(name);
    std::fs::copy(made, &path).unwrap();
    path
}

/// Eight frames that move.
fn clip() -> PathBuf {
    let source = "testsrc2=size=192x108:rate=25:duration=0.32";
    let codec = [
        "-pix_fmt", "yuv420p", "-c:v", "libx264", "-bf", "2", "-g", "4",
    ];
    made(
        "studio.mp4",
        &[&["-f", "lavfi", "-i", source][..], &codec].concat(),
    )
}

/// The frame of a render, as `preview` writes it.
fn rendered(folder: &Folder, clip: &Path, frame: u64, flags: &[&str]) -> (u32, u32, Vec<u8>) {
    let output = folder.path(&format!("frame{frame}.png"));
    let number = frame.to_string();
    let command = [
        "preview",
        text(clip),
        "--frame",
        &number,
        "-y",
        "-o",
        text(&output),
    ];
    folder.run(&[&command[..], flags].concat()).succeeds();
    png(&std::fs::read(output).unwrap())
}
