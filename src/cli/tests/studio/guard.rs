//! Who is answered, and what files can be named.

use super::*;

#[test]
fn a_browser_needs_the_token_of_the_pages_to_change_something() {
    let folder = Folder::new();
    let studio = Studio::serve(&folder, &[]);
    let html = String::from_utf8(studio.get("/").body).unwrap();
    let csrf = html.split("name=\"csrf\" content=\"").nth(1).unwrap();
    let csrf = csrf.split('"').next().unwrap();
    assert_eq!(csrf.len(), 32);
    let origin = format!("Origin: http://127.0.0.1:{}\r\n", studio.port);
    let kind = "Content-Type: application/json\r\n";
    let post = |headers: &str| {
        let headers = format!("{kind}{headers}");
        studio
            .ask_with("POST", "/queue/pause", &headers, b"")
            .status
    };
    assert_eq!(post(""), 200, "a program");
    assert_eq!(post(&origin), 403);
    assert_eq!(post("Sec-Fetch-Site: same-origin\r\n"), 403);
    assert_eq!(
        post(&format!("{origin}X-CSRF-Token: {}\r\n", "0".repeat(32))),
        403
    );
    assert_eq!(post(&format!("{origin}X-CSRF-Token: {csrf}\r\n")), 200);
    let evil = format!("Origin: http://evil.test\r\nX-CSRF-Token: {csrf}\r\n");
    assert_eq!(post(&evil), 403);
    // Every page and every answer keeps to itself.
    for path in [
        "/",
        "/queue",
        "/lab",
        "/results",
        "/analyse",
        "/models",
        "/train",
        "/settings",
    ] {
        let page = studio.get(path);
        assert_eq!(page.status, 200, "{path}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        let html = String::from_utf8(page.body).unwrap();
        for part in html
            .split('"')
            .filter(|part| part.ends_with(".js") || part.ends_with(".css"))
        {
            assert_eq!(studio.get(part).status, 200, "{path} names {part}");
        }
    }
}

#[test]
fn with_a_token_nothing_is_answered_without_it() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("films")).unwrap();
    let serve = ["serve", "films", "--port", "0", "--require-token"];
    let mut child = folder.start(&serve);
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let rest = line.trim().strip_prefix("http://127.0.0.1:").unwrap();
    let (port, token) = rest.split_once("/?token=").unwrap();
    let studio = Studio {
        child,
        port: port.parse().unwrap(),
    };
    assert_eq!(token.len(), 32);
    for path in [
        "/",
        "/queue",
        "/api/v1/status",
        "/api/v1/events",
        "/studio.css",
    ] {
        assert_eq!(studio.get(path).status, 401, "{path}");
    }
    assert_eq!(studio.get("/api/v1/openapi.json").status, 200);
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let status = |headers: &str| studio.ask_with("GET", "/status", headers, b"").status;
    assert_eq!(status(&bearer(token)), 200);
    assert_eq!(status(&bearer(&token.replace(&token[..1], "x"))), 401);
    assert_eq!(
        studio.get(&format!("/?token={}", "0".repeat(32))).status,
        401
    );
    // A browser keeps it in a cookie that scripts cannot read, and the address loses it.
    let first = studio.get(&format!("/?token={token}"));
    assert_eq!((first.status, first.header("location")), (303, Some("/")));
    let cookie = first.header("set-cookie").unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let pair = cookie.split(';').next().unwrap();
    assert_eq!(status(&format!("Cookie: other=1; {pair}\r\n")), 200);
    drop(studio);
    // Only its hash is kept.
    let mut files = vec![folder.path("data")];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(32).any(|some| some == token.as_bytes());
            assert!(!found, "{} has the token", path.display());
        }
    }
    // It is told once, and counts after a restart.
    let studio = Studio::serve(&folder, &["--require-token"]);
    let status = |headers: &str| studio.ask_with("GET", "/status", headers, b"").status;
    assert_eq!(status(&bearer(token)), 200);
}

#[test]
fn no_file_outside_of_the_allowed_folders_is_read_or_written() {
    let folder = Folder::new();
    let secret = film(&folder, "secret.mp4", 2);
    std::fs::rename(&secret, folder.path("secret.mp4")).unwrap();
    film(&folder, "a.mp4", 2);
    std::fs::write(folder.path("films/page.html"), "<script>").unwrap();
    std::fs::write(folder.path("films/.hidden.mp4"), "x").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(folder.path("secret.mp4"), folder.path("films/link.mp4")).unwrap();
        symlink(folder.path("."), folder.path("films/out")).unwrap();
        symlink(folder.path("films/a.mp4"), folder.path("films/inside.mp4")).unwrap();
    }
    let studio = Studio::serve(&folder, &[]);
    let absolute = folder.path("secret.mp4");
    let absolute = text(&absolute);
    let names = [
        "../secret.mp4",
        "films/../secret.mp4",
        "films/..%2fsecret.mp4",
        "films%2f..%2fsecret.mp4",
        "films/%2e%2e/secret.mp4",
        "films/link.mp4",
        "films/out/secret.mp4",
        "films/.hidden.mp4",
        "films//etc/passwd",
        "films/a.mp4%00.png",
        "films/..%5csecret.mp4",
        "nowhere/a.mp4",
        "",
        absolute,
    ];
    for name in names {
        for request in ["probe", "content", "picture"] {
            let answer = studio.ask("GET", &format!("/files/{request}?file={name}"), None);
            let said = String::from_utf8_lossy(&answer.body);
            assert!(
                [404, 422].contains(&answer.status),
                "{request} {name}: {said}"
            );
        }
    }
    for name in names.into_iter().filter(|name| !name.contains('%')) {
        let jobs = json!({"files": [name], "request": {"style": "pencil"}});
        let answer = studio.ask("POST", "/jobs", Some(&jobs));
        assert!([404, 422].contains(&answer.status), "{name}");
        let outputs = json!({"files": ["films/a.mp4"], "request": {}, "output": name});
        let answer = studio.ask("POST", "/jobs", Some(&outputs));
        assert!([404, 422].contains(&answer.status), "{name}");
    }
    #[cfg(unix)]
    studio.gives(200, "GET", "/files/probe?file=films/inside.mp4", None);
    // What a browser would run is not sent.
    studio.gives(415, "GET", "/files/content?file=films/page.html", None);
    let list = studio.gives(200, "GET", "/files?folder=films&kind=all", None);
    let listed = list["items"].to_string();
    assert!(
        !listed.contains("hidden") && !listed.contains("link.mp4"),
        "{listed}"
    );
    // Nor does a request name a file.
    for request in [
        json!({"lut": absolute}),
        json!({"lut": "/etc/passwd"}),
        json!({"preset": absolute}),
        json!({"style": absolute}),
        json!({"style": "../films"}),
        json!({"style_path": ["/"]}),
        json!({"report": "/tmp/report.json"}),
        json!({"work_dir": "/tmp"}),
        json!({"style": "cinematic", "set": [format!("cinematic.lut_path={absolute}")]}),
        json!({"style": "cinematic", "set": [format!("cinematic.contrast=@{absolute}")]}),
        json!({"encoder_opts": ["x264-params=stats=/tmp/x"]}),
        json!({"nonsense": 1}),
        json!([]),
    ] {
        let body = json!({"files": ["films/a.mp4"], "request": request});
        let answer = studio.ask("POST", "/jobs", Some(&body));
        let said = String::from_utf8_lossy(&answer.body);
        assert!([404, 422].contains(&answer.status), "{request}: {said}");
    }
    assert_eq!(
        studio.gives(200, "GET", "/jobs?origin=api", None)["items"],
        json!([])
    );
}

#[test]
fn uploads_go_on_and_are_looked_into() {
    let folder = Folder::new();
    let clip = std::fs::read(film(&folder, "a.mp4", 2)).unwrap();
    let studio = Studio::serve(&folder, &["--upload-limit", "1"]);
    let begin = |status: u16, name: &str, bytes: usize| {
        let body = json!({"name": name, "bytes": bytes});
        studio.gives(status, "POST", "/uploads", Some(body))
    };
    let send = |id: &str, offset: usize, bytes: &[u8]| {
        let headers =
            format!("Content-Type: application/octet-stream\r\nUpload-Offset: {offset}\r\n");
        let answer = studio.ask_with("PATCH", &format!("/uploads/{id}"), &headers, bytes);
        (answer.status, answer.json())
    };
    begin(413, "large.mp4", 2_000_000_000);
    begin(422, "empty.mp4", 0);
    let upload = begin(201, "../../my clip.mp4", clip.len());
    let id = upload["id"].as_str().unwrap();
    let half = clip.len() / 2;
    assert_eq!(send(id, 0, &clip[..half]).1["offset"], half);
    let (status, problem) = send(id, 7, &clip[..half]);
    assert_eq!((status, &problem["offset"]), (409, &json!(half)));
    let known = studio.gives(200, "GET", &format!("/uploads/{id}"), None);
    assert_eq!(known["offset"], half);
    let (status, done) = send(id, half, &clip[half..]);
    assert_eq!(
        (status, &done["file"]),
        (200, &json!("uploads/my clip.mp4"))
    );
    let path = "/files/content?file=uploads/my%20clip.mp4";
    assert!(studio.ask("GET", path, None).body == clip);
    // By its content, not its name.
    let text = begin(201, "text.mp4", 5);
    let (status, problem) = send(text["id"].as_str().unwrap(), 0, b"hello");
    assert_eq!(status, 422, "{problem}");
    let list = studio.gives(200, "GET", "/files?folder=uploads&kind=all", None);
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    let other = begin(201, "other.mp4", 10);
    let id = other["id"].as_str().unwrap();
    studio.gives(204, "DELETE", &format!("/uploads/{id}"), None);
    studio.gives(404, "GET", &format!("/uploads/{id}"), None);
    let id = begin(201, "x.mp4", 20 << 20)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let (status, _) = send(&id, 0, &vec![0; 9 << 20]);
    assert_eq!(status, 413);
}
