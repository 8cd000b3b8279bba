//! `aquatint studio` as a page talks to it: over HTTP, with a style that changes on the disk.

mod page;
mod requests;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Child;
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
        let always = ["studio", "--port", "0", "--no-browser"];
        let mut child = folder.start(&[&always, arguments].concat());
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("http://127.0.0.1:");
        let port = port.and_then(|rest| rest.strip_suffix('/'));
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
            "/api/frame",
            &json!({"frame": frame, "lines": null, "values": values}),
        )
    }

    fn style(&self) -> Value {
        let answer = self.get("/api/style");
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
