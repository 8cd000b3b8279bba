//! A browser that is given work over HTTP: its page asks for the next piece with what it made of the last one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

const PAGE: &str = include_str!("page.html");
/// What runs styles in a page.
const RUNTIME: &str = include_str!("../../web/runtime.js");
/// The longest that a piece of work may take. A browser's first start is slow, and so is a software driver.
const PATIENCE: Duration = Duration::from_secs(180);

/// What the page made, and where its next work goes.
type Question = (Vec<u8>, Sender<Option<Vec<u8>>>);

pub struct Browser {
    child: Child,
    questions: Receiver<Question>,
    /// Where the next work goes.
    next: Option<Sender<Option<Vec<u8>>>>,
    /// Its folder of settings.
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts the browser that `CHROMIUM` names, else `chromium`, without a window and with WebGPU on SwiftShader. Returns
    /// it, and its adapter and version in words.
    ///
    /// # Errors
    /// Why it cannot be started.
    pub fn start() -> Result<(Self, String), String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let (sender, questions) = channel();
        std::thread::spawn(move || {
            // A browser opens connections that it may not use: none may hold up the others.
            for stream in listener.incoming().flatten() {
                let sender = sender.clone();
                std::thread::spawn(move || serve(stream, &sender));
            }
        });
        let profile = tempfile::tempdir().map_err(|error| error.to_string())?;
        let program = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
        let child = Command::new(&program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--no-first-run",
                "--disable-background-networking",
                "--enable-unsafe-webgpu",
                "--use-webgpu-adapter=swiftshader",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("http://{address}/"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = child.map_err(|error| format!("{program}: {error}"))?;
        let mut browser = Self {
            child,
            questions,
            next: None,
            _profile: profile,
        };
        let adapter = browser.answer()?;
        Ok((browser, String::from_utf8_lossy(&adapter).into_owned()))
    }

    /// Has the page do this work, with these bytes; what it made.
    ///
    /// # Errors
    /// What the page says, or that it says nothing.
    pub fn run(&mut self, work: &serde_json::Value, data: &[u8]) -> Result<Vec<u8>, String> {
        let json = work.to_string();
        let length = (json.len() as u32).to_le_bytes();
        let next = self.next.take().ok_or("the page asks for nothing")?;
        let sent = next.send(Some([&length, json.as_bytes(), data].concat()));
        sent.map_err(|_| "the page has gone")?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Vec<u8>, String> {
        let asked = self.questions.recv_timeout(PATIENCE);
        let (mut made, next) = asked.map_err(|_| "the browser did not answer in time")?;
        self.next = Some(next);
        match made.first() {
            Some(b'+') => Ok(made.split_off(1)),
            _ => Err(String::from_utf8_lossy(made.get(1..).unwrap_or_default()).into_owned()),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(next) = self.next.take() {
            let _ = next.send(None);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers one request: with the page, or, once there is some, with work.
fn serve(stream: TcpStream, questions: &Sender<Question>) -> Option<()> {
    let mut reader = BufReader::new(&stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let work = line.starts_with("POST /work ");
    let page = line.starts_with("GET / ");
    let runtime = line.starts_with("GET /runtime.js ");
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (status, kind, content) = if work {
        let (sender, answer) = channel();
        questions.send((body, sender)).ok()?;
        match answer.recv().ok().flatten() {
            Some(content) => ("200 OK", "application/octet-stream", content),
            None => ("204 No Content", "text/plain", Vec::new()),
        }
    } else if page {
        ("200 OK", "text/html", PAGE.as_bytes().to_vec())
    } else if runtime {
        ("200 OK", "text/javascript", RUNTIME.as_bytes().to_vec())
    } else {
        ("404 Not Found", "text/plain", Vec::new())
    };
    let mut stream = &stream;
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        content.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&content).ok()
}
