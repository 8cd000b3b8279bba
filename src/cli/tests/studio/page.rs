//! The page itself, in Chromium.

use serde_json::{Value, json};

use super::*;

/// A page in Chromium, which is driven by the DevTools protocol over two pipes.
struct Page {
    child: Child,
    to: std::fs::File,
    from: BufReader<std::fs::File>,
    session: String,
    id: u64,
    _profile: tempfile::TempDir,
}

impl Page {
    fn open(url: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let (to, from) = (profile.path().join("to"), profile.path().join("from"));
        let run = "mkfifo \"$1/to\" \"$1/from\" && exec chromium --headless=new --no-sandbox --disable-quic --no-first-run \
                   --disable-sync --disable-background-networking --disable-component-update --window-size=1280,800 \
                   --user-data-dir=\"$1/profile\" --remote-debugging-pipe 3<\"$1/to\" 4>\"$1/from\"";
        let child = std::process::Command::new("sh")
            .args(["-c", run, "-", text(profile.path())])
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while !from.exists() {
            assert!(begun.elapsed() < LONG, "no Chromium");
            std::thread::sleep(Duration::from_millis(20));
        }
        let to = std::fs::OpenOptions::new().write(true).open(to).unwrap();
        let mut page = Self {
            child,
            to,
            from: BufReader::new(std::fs::File::open(from).unwrap()),
            session: String::new(),
            id: 0,
            _profile: profile,
        };
        let made = page.call("Target.createTarget", json!({"url": url}));
        let target = json!({"targetId": made["targetId"], "flatten": true});
        let attached = page.call("Target.attachToTarget", target);
        page.session = attached["sessionId"].as_str().unwrap().to_owned();
        page
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        self.id += 1;
        let mut message = json!({"id": self.id, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.to
            .write_all(format!("{message}\0").as_bytes())
            .unwrap();
        loop {
            let mut answer = Vec::new();
            assert!(
                self.from.read_until(0, &mut answer).unwrap() > 0,
                "Chromium ended"
            );
            let answer: Value = serde_json::from_slice(&answer[..answer.len() - 1]).unwrap();
            if answer["id"] == self.id {
                return answer["result"].clone();
            }
        }
    }

    /// The value of an expression in the page.
    fn value(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true});
        self.call("Runtime.evaluate", params)["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    #[track_caller]
    fn until(&mut self, expression: &str) {
        let begun = Instant::now();
        while self.value(expression) != true {
            let seen = self.value("document.body?.innerText");
            assert!(begun.elapsed() < LONG, "not true: {expression}\n{seen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "needs Chromium: make conformance"]
fn the_page_shows_frames_values_and_mistakes() {
    let folder = Folder::new();
    let clip = clip();
    folder
        .run(&["shader", "new", "trail", "--from", "temporal"])
        .succeeds();
    let studio = Studio::start(&folder, &[text(&clip), "-s", "./trail", "--device", "cpu"]);
    let param = studio.style()["params"][0].clone();
    let mut page = Page::open(&format!("http://127.0.0.1:{}/#frame=3", studio.port));
    let badge = "document.getElementById('badge').textContent";
    page.until(&format!("{badge}.includes('full size 192×108')"));
    let shown = page.value("document.body.innerText");
    for words in [param["label"].as_str().unwrap(), "studio.mp4", "of 7"] {
        assert!(shown.as_str().unwrap().contains(words), "{words}: {shown}");
    }
    assert_eq!(
        page.value("document.getElementById('problems').hidden"),
        true
    );
    // A slider changes the picture.
    let pixels = "[...document.getElementById('canvas').getContext('2d').getImageData(200, 200, 64, 64).data].join()";
    let before = page.value(pixels);
    let (most, name) = (&param["max"], &param["name"]);
    page.value(&format!(
        "(() => {{ const slider = document.querySelector('#params input[type=range]'); slider.value = {most}; \
         slider.dispatchEvent(new Event('input', {{ bubbles: true }})); \
         slider.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()"
    ));
    page.until(&format!(
        "{pixels} !== {before} && {badge}.includes('full size')"
    ));
    page.until(&format!("location.hash.includes('a.' + {name})"));
    // A mistake is shown at its place, with the last picture; then it is mended.
    let mut kernel = std::fs::read_dir(folder.path("trail"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let kernel = kernel
        .find(|path| path.extension().is_some_and(|ending| ending == "wgsl"))
        .unwrap();
    let good = std::fs::read_to_string(&kernel).unwrap();
    std::fs::write(
        &kernel,
        "fn pixel(at: vec2i) -> vec4f { return nonsense(at); }\n",
    )
    .unwrap();
    let problems = "document.getElementById('problems')";
    page.until(&format!(
        "!{problems}.hidden && {problems}.textContent.includes('.wgsl:1:39')"
    ));
    page.until(&format!("{badge}.includes('full size')"));
    std::fs::write(&kernel, good).unwrap();
    page.until(&format!(
        "{problems}.hidden && {badge}.includes('full size')"
    ));
}
