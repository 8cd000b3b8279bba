//! The files of the page, which are in the program.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use include_dir::{Dir, include_dir};

use super::Shared;
use super::api::problem;
use crate::render::shader::RUNTIME;

static PAGE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/studio/page");
/// The page itself.
const INDEX: &str = "lab.html";

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(|| async { file(INDEX) }))
        .route(
            "/{name}",
            get(|Path(name): Path<String>| async move { file(&name) }),
        )
}

fn file(name: &str) -> Response {
    let kind = match name.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    };
    match PAGE.get_file(name) {
        Some(file) => ([(header::CONTENT_TYPE, kind)], file.contents()).into_response(),
        None if name == "runtime.js" => ([(header::CONTENT_TYPE, kind)], RUNTIME).into_response(),
        None => problem(
            StatusCode::NOT_FOUND,
            &format!("there is no {name:?} here"),
            "open the address that the studio printed",
        ),
    }
}
