//! The pages, their scripts and texts, which are in the program.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use include_dir::{Dir, include_dir};
use minijinja::{Environment, Value, context};
use sha2::{Digest, Sha256};

use super::api;
use super::api_page::ApiPage;
use super::app::App;
use super::problem::{Answer, Problem};
use super::settings;
use crate::render::shader::RUNTIME;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/studio/templates");
static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/studio/static");
/// All texts of all pages.
const TEXTS: &str = "texts.json";
/// The pages: their address, and their template without its ending.
const PAGES: [(&str, &str); 9] = [
    ("/", "start"),
    ("/queue", "queue"),
    ("/lab", "lab"),
    ("/results", "results"),
    ("/analyse", "analyse"),
    ("/models", "models"),
    ("/train", "train"),
    ("/settings", "settings"),
    ("/api", "api"),
];

/// The templates of the pages.
pub struct Pages {
    templates: Environment<'static>,
    texts: Value,
    /// The description of the API.
    api: Value,
}

fn texts() -> &'static str {
    let file = FILES.get_file(TEXTS);
    file.and_then(|file| file.contents_utf8()).unwrap_or("{}")
}

impl Pages {
    pub fn new() -> Self {
        let mut templates = Environment::new();
        // Names end in .html: what is put into them is escaped.
        for file in TEMPLATES.files() {
            if let (Some(name), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                // Tests render all of them.
                let _ = templates.add_template(name, text);
            }
        }
        let api = serde_json::from_str(&api::openapi()).unwrap_or_default();
        let texts: serde_json::Value = serde_json::from_str(texts()).unwrap_or_default();
        Self {
            templates,
            texts: Value::from_serialize(texts),
            api: Value::from_serialize(ApiPage::new(&api)),
        }
    }

    fn page(&self, name: &str, csrf: &str, theme: &str) -> Result<String, minijinja::Error> {
        let template = self.templates.get_template(&format!("{name}.html"))?;
        template.render(context! {
            page => name,
            csrf => csrf,
            theme => theme,
            version => env!("CARGO_PKG_VERSION"),
            features => context! { train => cfg!(feature = "train") },
            t => self.texts,
            api => self.api,
        })
    }
}

pub fn routes() -> Router<Arc<App>> {
    let mut router = Router::new();
    for (address, name) in PAGES {
        router = router.route(
            address,
            get(move |State(app): State<Arc<App>>| async move { page(&app, name) }),
        );
    }
    router
        .route(
            "/{file}",
            get(
                |Path(name): Path<String>, headers: HeaderMap| async move { file(&name, &headers) },
            ),
        )
        .route(
            "/lab/{file}",
            get(|Path(name): Path<String>, headers: HeaderMap| async move {
                file(&format!("lab/{name}"), &headers)
            }),
        )
}

fn page(app: &App, name: &str) -> Answer<Response> {
    let theme = settings::read(&app.store)?.theme;
    let theme = serde_json::to_value(theme).unwrap_or_default();
    let theme = theme.as_str().unwrap_or("system");
    let html = app.pages.page(name, &app.guard.csrf, theme);
    let html = html.map_err(|error| Problem::fault(&format!("the page {name}: {error}")))?;
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    Ok((kind, html).into_response())
}

/// A file of the pages, which a browser keeps until it changes.
fn file(name: &str, headers: &HeaderMap) -> Answer<Response> {
    let kind = match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "json")) => "application/json",
        Some((_, "svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let bytes: Vec<u8> = match (name, FILES.get_file(name)) {
        ("texts.js", _) => format!("export default {};\n", texts()).into_bytes(),
        ("runtime.js", _) => RUNTIME.as_bytes().to_vec(),
        (_, Some(file)) => file.contents().to_vec(),
        (_, None) => {
            return Err(Problem::new(
                StatusCode::NOT_FOUND,
                format!("there is no {name:?} here"),
                "open the address that the studio printed",
            ));
        }
    };
    let digest = Sha256::digest(&bytes);
    let tag: String = digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tag = format!("\"{tag}\"");
    let known = headers.get(header::IF_NONE_MATCH);
    let keep = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, keep).into_response());
    }
    Ok((keep, [(header::CONTENT_TYPE, kind)], bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_there_with_all_its_texts() {
        let mut pages = Pages::new();
        pages
            .templates
            .set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        for (_, name) in PAGES {
            let html = pages.page(name, "secret", "dark").unwrap();
            assert!(html.contains("secret"), "{name} has no token");
            assert!(html.contains("<title>"), "{name} has no title");
            assert!(!html.contains(" style=\""), "{name} has a style of its own");
            assert!(!html.contains("onclick"), "{name} has a script of its own");
        }
    }

    #[test]
    fn every_file_that_a_page_or_script_names_is_there() {
        let is_there = |name: &str| {
            ["texts.js", "runtime.js"].contains(&name) || FILES.get_file(name).is_some()
        };
        let mut named = 0;
        let lab = FILES.get_dir("lab").unwrap();
        let files = TEMPLATES.files().chain(FILES.files()).chain(lab.files());
        for file in files {
            let text = file.contents_utf8().unwrap();
            let folder = file.path().parent().unwrap().to_str().unwrap();
            for part in text.split(['"', '\'', '`']) {
                let ends = part.ends_with(".js") || part.ends_with(".css");
                let name = match (part.strip_prefix("./"), part.strip_prefix('/')) {
                    (Some(beside), _) if folder.is_empty() => beside.to_owned(),
                    (Some(beside), _) => format!("{folder}/{beside}"),
                    (None, Some(name)) => name.to_owned(),
                    _ => continue,
                };
                if ends && !name.contains(['$', ' ']) {
                    assert!(is_there(&name), "{} names {name}", file.path().display());
                    named += 1;
                }
            }
        }
        assert!(named > 100);
    }
}
