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
    /// What the browser said is wrong.
    errors: Vec<String>,
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
            errors: Vec::new(),
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
            let entry = &answer["params"]["entry"];
            if entry["level"] == "error" {
                self.errors.push(entry.to_string());
            }
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

/// Whether there is a Chromium; where not, what needs it is skipped.
#[track_caller]
fn has_chromium() -> bool {
    let found = std::process::Command::new("chromium")
        .arg("--version")
        .output();
    let found = found.is_ok_and(|ran| ran.status.success());
    if !found {
        skip("no Chromium", "install chromium");
    }
    found
}

#[test]
fn the_page_shows_frames_values_and_mistakes() {
    if !has_chromium() {
        return;
    }
    let folder = Folder::new();
    let clip = clip();
    folder
        .run(&["shader", "new", "trail", "--from", "temporal"])
        .succeeds();
    let studio = Studio::start(&folder, &[text(&clip), "-s", "./trail", "--device", "cpu"]);
    let param = studio.style()["params"][0].clone();
    let mut page = Page::open(&format!(
        "http://127.0.0.1:{}/lab?session=s1#frame=3",
        studio.port
    ));
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
    let pixels = "(() => { const canvas = document.getElementById('canvas'); \
                  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height); \
                  return data.reduce((sum, code, at) => (sum + code * (at % 8191)) % 1e9, 0); })()";
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

/// Looks at the page at this size, and keeps a picture of it in the folder AQUATINT_SCREENSHOTS, where that is set.
fn look(page: &mut Page, name: &str, width: u32) {
    let size =
        json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
    page.call("Emulation.setDeviceMetricsOverride", size);
    // Nothing stands out at the side.
    page.until("document.documentElement.scrollWidth <= document.documentElement.clientWidth");
    let shot = page.call("Page.captureScreenshot", json!({"format": "png"}));
    let Some(folder) = std::env::var_os("AQUATINT_SCREENSHOTS") else {
        return;
    };
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap());
    let file = Path::new(&folder).join(format!("{name}-{width}.png"));
    std::fs::write(file, bytes.unwrap()).unwrap();
}

#[test]
fn the_whole_way_from_a_clip_to_its_stars() {
    if !has_chromium() {
        return;
    }
    let folder = Folder::new();
    let clip = film(&folder, "clip.mp4", 2);
    let upload = folder.path("my film.mp4");
    std::fs::rename(clip, &upload).unwrap();
    let studio = Studio::serve(&folder, &[]);
    let address = |path: &str| format!("http://127.0.0.1:{}{path}", studio.port);
    let mut page = Page::open(&address("/"));
    page.call("Log.enable", json!({}));
    page.until("document.querySelectorAll('#styles .card').length > 5");
    look(&mut page, "start", 360);
    look(&mut page, "start", 1280);
    // A clip is given, and comes into the list of what was chosen.
    let input = "document.querySelector('#upload')";
    let found = page.call("Runtime.evaluate", json!({"expression": input}));
    let object = &found["result"]["objectId"];
    let files = json!({"files": [text(&upload)], "objectId": object});
    page.call("DOM.setFileInputFiles", files);
    page.until("document.querySelector('#chosen').textContent.includes('my film.mp4')");
    // A look, which is seen at once.
    let card = "[...document.querySelectorAll('#styles .card')].find((card) => card.textContent.includes('pencil'))";
    page.value(&format!(
        "({card}.querySelector('input') ?? {card}).click()"
    ));
    page.until("!document.getElementById('first').hidden && document.getElementById('first-picture').naturalWidth > 0");
    page.until("document.getElementById('estimate-time').textContent !== ''");
    look(&mut page, "chosen", 1280);
    page.value("document.getElementById('add').click()");
    page.until("document.querySelectorAll('#chosen li').length === 0");
    // It is rendered while the queue is watched.
    page.call("Page.navigate", json!({"url": address("/queue")}));
    page.until("document.querySelector('.job[data-state=done]') !== null");
    look(&mut page, "queue", 360);
    look(&mut page, "queue", 1280);
    let jobs = studio.gives(200, "GET", "/jobs?state=done", None);
    let job = &jobs["items"][0];
    assert_eq!(job["origin"], "studio");
    // Before and after, by a divider; stars.
    page.call("Page.navigate", json!({"url": address("/results")}));
    page.until("document.querySelectorAll('#outputs button, #outputs a').length > 0");
    page.value("document.querySelector('#outputs button').click()");
    page.until("document.querySelectorAll('#player video').length === 2");
    page.until(
        "[...document.querySelectorAll('#player video')].every((video) => video.readyState >= 2)",
    );
    let divider = "document.querySelector('#player input[type=range]')";
    page.value(&format!(
        "{divider}.value = {divider}.min; {divider}.dispatchEvent(new Event('input', {{ bubbles: true }}))"
    ));
    look(&mut page, "results", 360);
    look(&mut page, "results", 1280);
    page.until("document.querySelector('#about').textContent.includes('pencil')");
    page.until("document.querySelectorAll('#about input[type=radio]').length >= 5");
    page.value("document.querySelectorAll('#about input[type=radio]')[3].click()");
    page.value("[...document.querySelectorAll('#about button')].find((button) => /rat|sav/i.test(button.textContent))?.click()");
    let begun = Instant::now();
    while studio.gives(200, "GET", "/ratings", None)["items"][0]["stars"] != 4.0 {
        assert!(
            begun.elapsed() < LONG,
            "no stars: {}",
            page.value("document.body.innerText")
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    // Nothing was refused by the rules of the pages, and no script failed.
    for path in ["/analyse", "/models", "/settings", "/api", "/lab"] {
        page.call("Page.navigate", json!({"url": address(path)}));
        page.until("document.readyState === 'complete' && document.querySelector('h1') !== null");
        look(&mut page, path.trim_start_matches('/'), 360);
        look(&mut page, path.trim_start_matches('/'), 1280);
    }
    let errors = page.errors.join("\n");
    assert!(errors.is_empty(), "{errors}");
}

#[test]
fn the_page_of_trainings_shows_the_curve_and_takes_versions_into_use() {
    if !has_chromium() {
        return;
    }
    let folder = Folder::new();
    let studio = Studio::serve(&folder, &[]);
    super::trainings::night(&folder);
    let mut page = Page::open(&format!("http://127.0.0.1:{}/train", studio.port));
    page.call("Log.enable", json!({}));
    page.until("document.querySelectorAll('#trainings .training').length === 2");
    let night = "document.getElementById('training-night')";
    page.until(&format!(
        "{night}.querySelectorAll('.loss-curve polyline').length === 2 && {night}.textContent.includes('photos')"
    ));
    look(&mut page, "train", 360);
    look(&mut page, "train", 1280);
    let current = || studio.gives(200, "GET", "/trainings/night", None)["current"].clone();
    page.value(&format!(
        "{night}.querySelector('[data-act=promote-v0001]').click()"
    ));
    page.until(&format!(
        "{night}.querySelector('[data-act=promote-v0001]') === null"
    ));
    assert_eq!(current(), "v0001");
    // A person is asked before a version is used that was rejected.
    page.value(&format!(
        "{night}.querySelector('[data-act=promote-v0002]').click()"
    ));
    page.until("document.getElementById('confirm').open");
    assert_eq!(current(), "v0001");
    page.value("document.getElementById('confirm-yes').click()");
    page.until(&format!(
        "{night}.querySelector('[data-act=rollback]') !== null"
    ));
    assert_eq!(current(), "v0002");
    page.value(&format!(
        "{night}.querySelector('[data-act=rollback]').click()"
    ));
    page.until(&format!(
        "{night}.querySelector('[data-act=promote-v0002]') !== null"
    ));
    assert_eq!(current(), "v0001");
    // The command is that of the fields.
    page.value("(() => { const steps = document.getElementById('steps'); steps.value = '500'; steps.dispatchEvent(new Event('input', { bubbles: true })); })()");
    page.until("document.getElementById('command').textContent.includes('--steps 500')");
    let errors = page.errors.join("\n");
    assert!(errors.is_empty(), "{errors}");
}
