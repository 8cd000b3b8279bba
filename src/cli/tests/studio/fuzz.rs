//! Requests that nobody means: random names, bodies and headers. None ends the studio or is answered by an internal error.

use super::*;

/// How many requests: more with AQUATINT_FUZZ.
fn requests() -> u64 {
    let asked = std::env::var("AQUATINT_FUZZ").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(400)
}

/// The same numbers in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn name(&mut self) -> &'static str {
        self.of(&[
            "films/a.mp4",
            "films",
            "films/../a.mp4",
            "/etc/passwd",
            "films/\u{202e}a.mp4",
            "..",
            "films/a.mp4/b",
            "",
            "films/\0",
            "uploads/x",
            "C:\\a",
            "films/%2e%2e/a",
            "s1",
            "t1",
            "1",
            "-1",
            "99999999999999999999",
            "none",
            "pencil",
        ])
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth > 3 { 7 } else { 9 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(1000) as i64 - 500),
            3 => json!(1e308),
            4 => json!(i64::MIN),
            5 | 6 => json!(self.name()),
            7 => (0..self.below(4)).map(|_| self.value(depth + 1)).collect(),
            _ => self.object(depth + 1),
        }
    }

    /// An object with names that requests have.
    fn object(&mut self, depth: usize) -> Value {
        let names = [
            "file", "files", "request", "style", "set", "folder", "output", "priority", "ways",
            "label", "start", "duration", "lines", "frame", "values", "stars", "name", "bytes",
            "place", "before", "on", "keep", "now", "theme", "clip",
        ];
        let mut object = json!({});
        for _ in 0..self.below(6) {
            let value = match self.below(3) {
                0 => json!(self.name()),
                _ => self.value(depth),
            };
            object[self.of(&names)] = value;
        }
        object
    }
}

/// A text as an address has it, every byte by its number.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[test]
fn no_request_is_answered_by_an_internal_error() {
    let folder = Folder::new();
    film(&folder, "a.mp4", 2);
    let studio = Studio::serve(&folder, &[]);
    studio.gives(200, "POST", "/queue/pause", None);
    let operations = super::description::operations();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for _ in 0..requests() {
        let (method, template) = &operations[chance.below(operations.len())];
        // One begins to render, the other does not end.
        if ["/queue/resume", "/events"].contains(&template.as_str()) {
            continue;
        }
        let mut path = String::new();
        for part in template.split('/').skip(1) {
            path.push('/');
            match part.starts_with('{') {
                true => path.push_str(&escaped(chance.name())),
                false => path.push_str(part),
            }
        }
        if method == "GET" && chance.below(2) == 0 {
            let key = chance.of(&[
                "file", "folder", "state", "limit", "cursor", "time", "lines",
            ]);
            path.push_str(&format!("?{key}={}", escaped(chance.name())));
        }
        let body = match (method.as_str(), chance.below(4)) {
            ("GET", _) => String::new(),
            (_, 0) => chance.value(0).to_string(),
            _ => chance.object(0).to_string(),
        };
        let kind = chance.of(&[
            "Content-Type: application/json\r\n",
            "Content-Type: application/json\r\nIdempotency-Key: k\r\n",
            "",
            "Content-Type: text/plain\r\n",
            "Upload-Offset: x\r\nContent-Type: application/octet-stream\r\n",
        ]);
        let (port, length) = (studio.port, body.len());
        let request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{kind}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        let answer = studio.raw(request.as_bytes());
        let said = String::from_utf8_lossy(&answer.body);
        assert!(
            answer.status < 500,
            "{method} {path} {body}: {} {said}",
            answer.status
        );
    }
    studio.gives(200, "GET", "/status", None);
}
