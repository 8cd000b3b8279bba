//! The allowed folders, and the files in them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::app::App;
use super::super::content::{self, EXTENSIONS};
use super::super::moments;
use super::super::problem::{Answer, Problem};
use super::super::roots;
use super::{Asked, List, Studio, text, worked};
use crate::render::{available, file_facts, frame_jpeg};

/// The most entries of a list.
const MOST: usize = 500;

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_roots))
        .routes(routes!(list))
        .routes(routes!(probe))
        .routes(routes!(content))
        .routes(routes!(picture))
}

/// An allowed folder.
#[derive(Debug, Serialize, ToSchema)]
struct Root {
    /// The first part of the names of its files.
    id: String,
    name: String,
    /// Whether outputs may go there.
    writable: bool,
    /// Whether uploads go there.
    uploads: bool,
    free_bytes: Option<u64>,
}

/// The allowed folders
#[utoipa::path(get, path = "/roots", tag = "files", responses((status = 200, body = List<Root>)))]
async fn list_roots(State(app): Studio) -> Json<List<Root>> {
    let roots = app.roots.roots().iter().map(|root| Root {
        id: root.id.clone(),
        name: root.name.clone(),
        writable: root.writable,
        uploads: root.uploads,
        free_bytes: available(&root.path),
    });
    Json(List::whole(roots.collect()))
}

/// A file or folder.
#[derive(Debug, Serialize, ToSchema)]
struct Entry {
    name: String,
    /// `ROOT/relative/path`.
    file: String,
    /// `folder`, `video`, `picture`, `sound` or `other`, by its name.
    kind: &'static str,
    bytes: u64,
    /// RFC 3339.
    modified: Option<String>,
}

/// What is in a folder.
#[derive(Debug, Serialize, ToSchema)]
struct Folder {
    folder: String,
    /// The folder that it is in; none for an allowed folder itself.
    parent: Option<String>,
    items: Vec<Entry>,
    next: Option<String>,
    /// Entries that are left out: their names are no Unicode.
    unnamed: usize,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FolderQuery {
    /// `ROOT` or `ROOT/relative/path`
    folder: String,
    /// `media` leaves out other files; `all` does not
    kind: Option<String>,
    /// 1 to 500, else 100
    limit: Option<usize>,
    /// `next` of the part before
    cursor: Option<String>,
}

fn kind(kind: roots::Kind) -> &'static str {
    match kind {
        roots::Kind::Folder => "folder",
        roots::Kind::Video => "video",
        roots::Kind::Picture => "picture",
        roots::Kind::Sound => "sound",
        roots::Kind::Other => "other",
    }
}

/// What is in a folder
#[utoipa::path(
    get, path = "/files", tag = "files", params(FolderQuery),
    responses((status = 200, body = Folder), (status = 404, body = Problem), (status = 422, body = Problem), (status = 400, body = Problem)),
)]
async fn list(State(app): Studio, Asked(query): Asked<FolderQuery>) -> Answer<Json<Folder>> {
    worked(move || {
        let media = query.kind.as_deref() != Some("all");
        let limit = query.limit.unwrap_or(100).clamp(1, MOST);
        let list = app.roots.list(
            &query.folder,
            &EXTENSIONS,
            media,
            query.cursor.as_deref(),
            limit,
        )?;
        let items = list.entries.into_iter().map(|entry| Entry {
            name: entry.name,
            file: entry.file,
            kind: kind(entry.kind),
            bytes: entry.bytes,
            modified: entry.modified.and_then(moments::of_system),
        });
        Ok(Json(Folder {
            parent: query
                .folder
                .rsplit_once('/')
                .map(|(parent, _)| parent.to_owned()),
            folder: query.folder,
            items: items.collect(),
            next: list.next,
            unnamed: list.unnamed,
        }))
    })
    .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileQuery {
    /// `ROOT/relative/path`
    file: String,
}

/// What a file contains
///
/// Its container, streams, size and length, and whether browsers can play it as it is.
#[utoipa::path(
    get, path = "/files/probe", tag = "files", params(FileQuery),
    responses((status = 200, body = Object), (status = 404, body = Problem), (status = 422, body = Problem), (status = 400, body = Problem)),
)]
async fn probe(State(app): Studio, Asked(query): Asked<FileQuery>) -> Answer<Json<Value>> {
    worked(move || {
        let place = app.file(&query.file)?;
        let mut facts = serde_json::to_value(file_facts(&place.path)?).unwrap_or_default();
        facts["file"] = query.file.into();
        Ok(Json(facts))
    })
    .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ContentQuery {
    /// `ROOT/relative/path`
    file: String,
    /// Whether a browser saves it, rather than showing it
    #[serde(default)]
    download: bool,
}

/// The bytes of a file
///
/// Videos, pictures and sound alone; a single range of bytes is answered.
#[utoipa::path(
    get, path = "/files/content", tag = "files", params(ContentQuery),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The part that was asked for", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "As it is known by its ETag"), (status = 404, body = Problem), (status = 415, body = Problem),
        (status = 416, description = "The part begins after the end"), (status = 422, body = Problem), (status = 400, body = Problem),
    ),
)]
async fn content(
    State(app): Studio,
    Asked(query): Asked<ContentQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let place = app.file(&query.file)?;
    content::send(place, &headers, query.download).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PictureQuery {
    /// `ROOT/relative/path`
    file: String,
    /// Seconds after the start
    #[serde(default)]
    time: f64,
    /// The most lines of the picture, at most 2160; else 360
    lines: Option<u32>,
}

/// A frame of a file
#[utoipa::path(
    get, path = "/files/picture", tag = "files", params(PictureQuery),
    responses(
        (status = 200, description = "It, upright, as JPEG", content_type = "image/jpeg", body = Vec<u8>),
        (status = 304, description = "As it is known by its ETag"), (status = 404, body = Problem), (status = 422, body = Problem), (status = 400, body = Problem),
    ),
)]
async fn picture(
    State(app): Studio,
    Asked(query): Asked<PictureQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    worked(move || {
        let place = app.file(&query.file)?;
        let lines = query.lines.unwrap_or(360).clamp(1, 2160);
        let time = if query.time.is_finite() {
            query.time
        } else {
            0.0
        };
        let tag = content::tag(&place.path)?;
        let keep = [
            (header::ETAG, tag.clone()),
            (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        ];
        // A list of many files is drawn again and again.
        if text(&headers, "if-none-match") == Some(&tag) {
            return Ok((StatusCode::NOT_MODIFIED, keep).into_response());
        }
        let picture = jpeg(frame_jpeg(&place.path, time, lines)?);
        Ok((keep, picture).into_response())
    })
    .await
}

/// A JPEG picture as an answer.
pub fn jpeg(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "image/jpeg")], bytes).into_response()
}
