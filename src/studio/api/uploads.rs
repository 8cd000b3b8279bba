//! Uploads that go on where they were interrupted.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::app::App;
use super::super::problem::{Answer, Problem};
use super::{Body, Part, Studio, text, worked};
use crate::render::{available, file_facts};

/// The most bytes that are sent at once.
const CHUNK: usize = 8 << 20;

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(status, append, cancel))
        .layer(DefaultBodyLimit::max(CHUNK))
}

/// A file that is to be uploaded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UploadBody {
    name: String,
    /// Its size.
    bytes: u64,
}

/// An upload.
#[derive(Serialize, ToSchema)]
struct Upload {
    id: String,
    name: String,
    bytes: u64,
    /// The bytes that have come: where it goes on.
    offset: u64,
    /// The most bytes that are sent at once.
    chunk_bytes: usize,
    /// The file, once all of it has come.
    file: Option<String>,
}

/// Begin an upload
///
/// Then send its bytes with PATCH.
#[utoipa::path(
    post, path = "/uploads", tag = "uploads", request_body = UploadBody,
    responses(
        (status = 201, body = Upload), (status = 400, body = Problem), (status = 413, description = "It is too large", body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem), (status = 507, description = "There is no room", body = Problem),
    ),
)]
async fn begin(
    State(app): Studio,
    Body(body): Body<UploadBody>,
) -> Answer<(StatusCode, Json<Upload>)> {
    worked(move || {
        let folder = app.roots.uploads().map(|root| root.path.clone());
        let free = folder.and_then(|folder| available(&folder));
        let id = app
            .uploads
            .begin(&body.name, body.bytes, free.unwrap_or(u64::MAX))?;
        Ok((StatusCode::CREATED, Json(known(&app, &id)?)))
    })
    .await
}

fn known(app: &App, id: &str) -> Answer<Upload> {
    let status = app.uploads.status(id)?;
    Ok(Upload {
        id: id.to_owned(),
        name: status.name,
        bytes: status.bytes,
        offset: status.offset,
        chunk_bytes: CHUNK,
        file: None,
    })
}

/// How far an upload is
#[utoipa::path(
    get, path = "/uploads/{id}", tag = "uploads", params(("id" = String, Path)),
    responses((status = 200, body = Upload), (status = 404, body = Problem)),
)]
async fn status(State(app): Studio, Part(id): Part<String>) -> Answer<Json<Upload>> {
    worked(move || Ok(Json(known(&app, &id)?))).await
}

/// Send bytes of an upload
///
/// The answer to the last ones names the file. What cannot be rendered is thrown away then.
#[utoipa::path(
    patch, path = "/uploads/{id}", tag = "uploads",
    params(("id" = String, Path), ("upload-offset" = u64, Header, description = "Where in the file the bytes begin")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, body = Upload), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It goes on elsewhere: see offset", body = Problem), (status = 413, body = Problem),
        (status = 422, body = Problem),
    ),
)]
async fn append(
    State(app): Studio,
    Part(id): Part<String>,
    headers: HeaderMap,
    bytes: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Answer<Json<Upload>> {
    let bytes = bytes.map_err(|error| {
        Problem::new(
            error.status(),
            error.body_text(),
            format!("send at most {CHUNK} bytes at once"),
        )
    })?;
    let offset = text(&headers, "upload-offset").and_then(|offset| offset.parse().ok());
    let Some(offset) = offset else {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "the header Upload-Offset is missing, or no number",
            "say where in the file the bytes begin",
        ));
    };
    worked(move || {
        let now = app.uploads.append(&id, offset, &bytes)?;
        let upload = known(&app, &id)?;
        if now < upload.bytes {
            return Ok(Json(upload));
        }
        let path = app.uploads.finish(&id)?;
        // By its content, not by its name. A model is no video.
        let is_model = path.extension().is_some_and(|ending| ending == "onnx");
        if !is_model && let Err(error) = file_facts(&path) {
            let _ = std::fs::remove_file(&path);
            return Err(Problem::unfit(
                format!("{} was not kept: {}", upload.name, error.summary()),
                error.advice(),
            ));
        }
        Ok(Json(Upload {
            offset: now,
            file: app.name_of(&path),
            ..upload
        }))
    })
    .await
}

/// Cancel an upload
#[utoipa::path(
    delete, path = "/uploads/{id}", tag = "uploads", params(("id" = String, Path)),
    responses((status = 204, description = "It is gone"), (status = 404, body = Problem)),
)]
async fn cancel(State(app): Studio, Part(id): Part<String>) -> Answer<StatusCode> {
    worked(move || {
        app.uploads.cancel(&id)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
