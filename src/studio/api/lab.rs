//! Sessions of the Lab: single frames of a clip in a style, again and again.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::app::App;
use super::super::labs::Lab;
use super::super::problem::{Answer, Problem};
use super::super::queue;
use super::{Body, List, Part, Studio, files, gone, worked, worked_while_awaited};
use crate::render::RenderError;
use crate::render::live::{FrameAsk, Live, Shown};
use crate::render::request::DEFAULT_STYLE;

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(close))
        .routes(routes!(style))
        .routes(routes!(frame))
        .routes(routes!(pixel))
        .routes(routes!(plan))
        .routes(routes!(browser))
        .routes(routes!(command))
        .routes(routes!(preset))
        .routes(routes!(preview))
}

/// A session.
#[derive(Serialize, ToSchema)]
struct Session {
    id: String,
    /// The address of its page.
    page: String,
    /// The clip as `ROOT/relative/path`; none for the generated scene.
    file: Option<String>,
    #[schema(value_type = Object)]
    request: Value,
}

fn session(lab: &Lab) -> Session {
    let request = lab.live().request().clone();
    Session {
        id: lab.id.clone(),
        page: format!("/lab?session={}", lab.id),
        file: lab.file.clone(),
        request: serde_json::to_value(request).unwrap_or_default(),
    }
}

/// The sessions that are open
#[utoipa::path(get, path = "/lab", tag = "lab", responses((status = 200, body = List<Session>)))]
async fn list(State(app): Studio) -> Answer<Json<List<Session>>> {
    worked(move || {
        let labs = app.labs.list();
        let sessions = labs.iter().map(|lab| session(lab));
        Ok(Json(List::whole(sessions.collect())))
    })
    .await
}

/// A clip and a style.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpenBody {
    /// The clip; the generated scene where there is none.
    #[serde(default)]
    file: Option<String>,
    /// The style, its values, a preset.
    #[schema(value_type = Object)]
    #[serde(default)]
    request: Value,
}

/// Open a session
///
/// At most four are kept.
#[utoipa::path(
    post, path = "/lab", tag = "lab", request_body = OpenBody,
    responses(
        (status = 201, body = Session), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem),
    ),
)]
async fn open(
    State(app): Studio,
    Body(body): Body<OpenBody>,
) -> Answer<(StatusCode, Json<Session>)> {
    worked(move || {
        let place = body.file.as_deref().map(|name| app.file(name));
        let place = place.transpose()?;
        let value = match body.request {
            Value::Null => json!({}),
            request => request,
        };
        let mut request = queue::request(&app, &value)?;
        if request.style.is_none() && request.preset.is_none() {
            request.style = Some(DEFAULT_STYLE.to_owned());
        }
        let live = Live::open(request, place.as_ref().map(|place| place.path.as_path()))?;
        let id = app.labs.add(live, body.file);
        let lab = find(&app, &id)?;
        Ok((StatusCode::CREATED, Json(session(&lab))))
    })
    .await
}

fn find(app: &App, id: &str) -> Answer<Arc<Lab>> {
    let lab = app.labs.get(id);
    lab.ok_or_else(|| Problem::missing(format!("there is no session {id:?} any more")))
}

/// Close a session
#[utoipa::path(
    delete, path = "/lab/{id}", tag = "lab", params(("id" = String, Path)),
    responses((status = 204, description = "It is closed"), (status = 404, body = Problem)),
)]
async fn close(State(app): Studio, Part(id): Part<String>) -> Answer<StatusCode> {
    find(&app, &id)?;
    app.labs.remove(&id);
    Ok(StatusCode::NO_CONTENT)
}

/// Values of parameters: text as `--set` takes it, by `STYLE.PARAM`.
type Values = BTreeMap<String, String>;

fn assignments(values: Values) -> Vec<String> {
    let values = values.into_iter();
    values
        .map(|(param, value)| format!("{param}={value}"))
        .collect()
}

/// Runs `work` with the session on a thread that may block. A request whose page has gone away, or asks for something newer, is
/// dropped before its turn.
async fn with_live<T: Send + 'static>(
    app: Arc<App>,
    id: String,
    work: impl FnOnce(&mut Live) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    worked_while_awaited(move |cancel| {
        let lab = find(&app, &id)?;
        let mut live = lab.live();
        match cancel.requested() {
            false => work(&mut live),
            true => Err(gone()),
        }
    })
    .await
}

/// The style of a session, its parameters, passes, and the clip
#[utoipa::path(
    get, path = "/lab/{id}/style", tag = "lab", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)),
)]
async fn style(State(app): Studio, Part(id): Part<String>) -> Answer<Json<Value>> {
    let file = find(&app, &id)?.file.clone();
    with_live(app, id, move |live| {
        let mut style = serde_json::to_value(live.style()).unwrap_or_default();
        style["request"] = json!(live.request());
        style["input"]["file"] = json!(file);
        Ok(Json(style))
    })
    .await
}

/// Which of a frame's own pictures is asked for, where no pass is.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Side {
    #[default]
    Result,
    Source,
}

/// How a picture is written.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Png,
    /// Smaller, with losses.
    Jpeg,
}

#[derive(Deserialize, ToSchema)]
struct FrameBody {
    /// Its number, from 0.
    frame: u64,
    /// The height of the picture; none is that of the clip.
    lines: Option<u32>,
    /// Values of parameters, as `--set` takes them, by `STYLE.PARAM`.
    #[serde(default)]
    values: Values,
    /// The pass whose image is asked for.
    pass: Option<String>,
    #[serde(default)]
    side: Side,
    /// Whether a value is being changed: a picture at once, not one that is as in the render.
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    format: Format,
}

impl FrameBody {
    fn ask(self) -> FrameAsk {
        let shown = match (self.pass, self.side) {
            (Some(pass), _) => Shown::Pass(pass),
            (None, Side::Result) => Shown::Result,
            (None, Side::Source) => Shown::Source,
        };
        FrameAsk {
            draft: self.draft,
            frame: self.frame,
            lines: self.lines,
            // The source has none.
            values: match shown {
                Shown::Source => Vec::new(),
                _ => assignments(self.values),
            },
            shown,
        }
    }
}

/// A frame
///
/// As PNG, or as JPEG. Headers say more: `X-Frame`, `X-Lines`, `X-Milliseconds`, `X-Version`; of a pass, `X-Black` and `X-White`;
/// `X-Frames-Before` where the frame depends on more than what was rendered for it.
#[utoipa::path(
    post, path = "/lab/{id}/frame", tag = "lab", params(("id" = String, Path)), request_body = FrameBody,
    responses(
        (status = 200, description = "A picture", content_type = "image/png", body = Vec<u8>), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem), (status = 503, body = Problem),
    ),
)]
async fn frame(
    State(app): Studio,
    Part(id): Part<String>,
    Body(body): Body<FrameBody>,
) -> Answer<Response> {
    with_live(app, id, move |live| {
        let format = body.format;
        let ask = body.ask();
        let shown = live.frame(&ask)?;
        let Some(view) = shown.view() else {
            return Err(Problem::unfit(
                "this pass makes a buffer of words, which is no picture",
                "choose another pass; aquatint inspect prints words",
            ));
        };
        let (kind, bytes) = match format {
            Format::Png => ("image/png", view.png()?),
            Format::Jpeg => ("image/jpeg", view.jpeg()?),
        };
        let lines = ask
            .lines
            .map_or(live.lines(), |lines| lines.min(live.lines()));
        let mut facts = vec![
            ("x-frame", shown.run.frame.to_string()),
            ("x-lines", lines.to_string()),
            (
                "x-milliseconds",
                format!("{:.1}", 1000.0 * shown.run.took.as_secs_f64()),
            ),
            ("x-version", live.version().to_string()),
        ];
        if let Some((black, white)) = view.range {
            facts.extend([
                ("x-black", black.to_string()),
                ("x-white", white.to_string()),
            ]);
        }
        if let Some(before) = shown.run.inexact {
            facts.push(("x-frames-before", before.to_string()));
        }
        let mut response = ([(header::CONTENT_TYPE, kind)], bytes).into_response();
        for (name, value) in facts {
            if let Ok(value) = HeaderValue::try_from(value) {
                let headers = response.headers_mut();
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        Ok(response)
    })
    .await
}

#[derive(Deserialize, ToSchema)]
struct PixelBody {
    x: u32,
    y: u32,
    #[serde(flatten)]
    frame: FrameBody,
}

/// The exact values of a pixel
#[utoipa::path(
    post, path = "/lab/{id}/pixel", tag = "lab", params(("id" = String, Path)), request_body = PixelBody,
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn pixel(
    State(app): Studio,
    Part(id): Part<String>,
    Body(body): Body<PixelBody>,
) -> Answer<Json<Value>> {
    with_live(app, id, move |live| {
        let place = (body.x, body.y);
        let values = live.pixel(&body.frame.ask(), place)?;
        Ok(Json(serde_json::to_value(values).unwrap_or_default()))
    })
    .await
}

/// The steps of the plan, and how long each took
#[utoipa::path(
    post, path = "/lab/{id}/plan", tag = "lab", params(("id" = String, Path)), request_body = FrameBody,
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn plan(
    State(app): Studio,
    Part(id): Part<String>,
    Body(body): Body<FrameBody>,
) -> Answer<Json<Value>> {
    with_live(app, id, move |live| {
        let values = assignments(body.values);
        let plan = live.plan(body.frame, body.lines, &values)?;
        Ok(Json(serde_json::to_value(plan).unwrap_or_default()))
    })
    .await
}

#[derive(Deserialize, ToSchema)]
struct ValuesBody {
    #[serde(default)]
    values: Values,
}

/// The style as the browser's own graphics card runs it
#[utoipa::path(
    post, path = "/lab/{id}/browser", tag = "lab", params(("id" = String, Path)), request_body = ValuesBody,
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn browser(
    State(app): Studio,
    Part(id): Part<String>,
    Body(body): Body<ValuesBody>,
) -> Answer<Json<Value>> {
    with_live(app, id, move |live| {
        let style = live.browser(&assignments(body.values))?;
        Ok(Json(serde_json::to_value(style).unwrap_or_default()))
    })
    .await
}

/// The command and the preset that render what is seen
#[utoipa::path(
    post, path = "/lab/{id}/command", tag = "lab", params(("id" = String, Path)), request_body = ValuesBody,
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
)]
async fn command(
    State(app): Studio,
    Part(id): Part<String>,
    Body(body): Body<ValuesBody>,
) -> Answer<Json<Value>> {
    with_live(app, id, move |live| {
        let values = assignments(body.values);
        let (command, preset) = (live.command(&values)?, live.preset(&values)?);
        Ok(Json(json!({"command": command, "preset": preset})))
    })
    .await
}

#[derive(Deserialize, ToSchema)]
struct PresetBody {
    name: String,
    #[serde(default)]
    values: Values,
}

/// Save the values as a preset of the style
#[utoipa::path(
    post, path = "/lab/{id}/preset", tag = "lab", params(("id" = String, Path)), request_body = PresetBody,
    responses(
        (status = 200, body = Object), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem),
    ),
)]
async fn preset(
    State(app): Studio,
    Part(id): Part<String>,
    Body(body): Body<PresetBody>,
) -> Answer<Json<Value>> {
    with_live(app, id, move |live| {
        match live.save_preset(&body.name, &assignments(body.values)) {
            Ok(file) => Ok(Json(json!({"file": file}))),
            Err(RenderError::Exists { path }) => Err(Problem::new(
                StatusCode::CONFLICT,
                format!("there is a preset of this name: {}", path.display()),
                "choose another name",
            )),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// One frame of a file in a style.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PreviewBody {
    file: String,
    #[schema(value_type = Object)]
    #[serde(default)]
    request: Value,
    /// The number of the frame, from 0.
    #[serde(default)]
    frame: u64,
    /// The height of the picture; none is that of the file.
    #[serde(default)]
    lines: Option<u32>,
    #[serde(default)]
    format: Format,
}

/// One frame of a file in a style, without a session
#[utoipa::path(
    post, path = "/previews", tag = "lab", request_body = PreviewBody,
    responses(
        (status = 200, description = "A picture", content_type = "image/png", body = Vec<u8>), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem),
    ),
)]
async fn preview(State(app): Studio, Body(body): Body<PreviewBody>) -> Answer<Response> {
    worked_while_awaited(move |cancel| {
        // One at a time: each opens a device and a clip of its own.
        let _turn = app.previews.lock();
        if cancel.requested() {
            return Err(gone());
        }
        let place = app.file(&body.file)?;
        let value = match body.request {
            Value::Null => json!({}),
            request => request,
        };
        let mut request = queue::request(&app, &value)?;
        if request.style.is_none() && request.preset.is_none() {
            request.style = Some(DEFAULT_STYLE.to_owned());
        }
        let mut live = Live::open(request, Some(&place.path))?;
        let shown = live.frame(&FrameAsk {
            frame: body.frame,
            lines: body.lines,
            values: Vec::new(),
            shown: Shown::Result,
            draft: false,
        })?;
        let view = shown
            .view()
            .ok_or_else(|| Problem::fault("the frame is no picture"))?;
        Ok(match body.format {
            Format::Png => ([(header::CONTENT_TYPE, "image/png")], view.png()?).into_response(),
            Format::Jpeg => files::jpeg(view.jpeg()?),
        })
    })
    .await
}
