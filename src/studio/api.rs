//! What the page asks for. Answers are JSON, or pictures; errors are `application/problem+json` (RFC 9457).

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use crate::render::live::{FrameAsk, Live, Shown};
use crate::render::{Failure, RenderError};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/style", get(style))
        .route("/frame", post(frame))
        .route("/pixel", post(pixel))
        .route("/plan", post(plan))
        .route("/browser", post(browser))
        .route("/command", post(command))
        .route("/preset", post(preset))
        .route("/events", get(events))
        .fallback(|| async {
            problem(
                StatusCode::NOT_FOUND,
                "there is no such request",
                "reload the page",
            )
        })
}

/// An error as JSON: what is wrong, and what to do.
pub(super) fn problem(status: StatusCode, what: &str, advice: &str) -> Response {
    let body = json!({"status": status.as_u16(), "title": what, "detail": advice});
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, body.to_string()).into_response()
}

fn problem_of(error: &RenderError) -> Response {
    let status = match error.failure() {
        Failure::Usage | Failure::BadInput | Failure::NoInput => StatusCode::UNPROCESSABLE_ENTITY,
        Failure::Unavailable | Failure::TryAgain => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    problem(status, &error.summary(), &error.advice())
}

/// A body of JSON; another one is refused with a problem.
#[derive(FromRequest)]
#[from_request(via(Json), rejection(Refused))]
struct Body<T>(T);

struct Refused(JsonRejection);

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        Self(rejection)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        problem(self.0.status(), &self.0.body_text(), "reload the page")
    }
}

/// Values of parameters: text as `--set` takes it, by `STYLE.PARAM`.
type Values = BTreeMap<String, String>;

fn assignments(values: Values) -> Vec<String> {
    let values = values.into_iter();
    values
        .map(|(param, value)| format!("{param}={value}"))
        .collect()
}

/// Runs `work` with the style on a thread that may block. A request whose page has gone away, or asks for something newer, is
/// dropped before its turn.
async fn with_live(
    shared: Arc<Shared>,
    work: impl FnOnce(&mut Live) -> Response + Send + 'static,
) -> Response {
    struct Gone(Arc<AtomicBool>);
    impl Drop for Gone {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let gone = Gone(Arc::default());
    let is_gone = gone.0.clone();
    let worked = tokio::task::spawn_blocking(move || {
        let mut live = shared.live();
        (!is_gone.load(Ordering::Relaxed)).then(|| work(&mut live))
    });
    let answer = worked.await;
    drop(gone);
    match answer {
        Ok(Some(answer)) => answer,
        _ => problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the frame was not rendered: an internal error",
            "this is a fault of aquatint: please report it with the style",
        ),
    }
}

async fn style(State(shared): State<Arc<Shared>>) -> Response {
    with_live(shared, move |live| Json(live.style()).into_response()).await
}

/// Which of a frame's own pictures is asked for, where no pass is.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    #[default]
    Result,
    Source,
}

#[derive(Deserialize)]
struct FrameBody {
    frame: u64,
    lines: Option<u32>,
    #[serde(default)]
    values: Values,
    pass: Option<String>,
    #[serde(default)]
    side: Side,
    /// Whether a value is being changed: a picture at once, not one that is as in the render.
    #[serde(default)]
    draft: bool,
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

async fn frame(State(shared): State<Arc<Shared>>, Body(body): Body<FrameBody>) -> Response {
    with_live(shared, move |live| {
        let ask = body.ask();
        let shown = match live.frame(&ask) {
            Ok(shown) => shown,
            Err(error) => return problem_of(&error),
        };
        let Some(view) = shown.view() else {
            return problem(
                StatusCode::UNPROCESSABLE_ENTITY,
                "this pass makes a buffer of words, which is no picture",
                "choose another pass; aquatint inspect prints words",
            );
        };
        let bytes = match view.png() {
            Ok(bytes) => bytes,
            Err(error) => return problem_of(&error),
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
        let mut response = ([(header::CONTENT_TYPE, "image/png")], bytes).into_response();
        for (name, value) in facts {
            if let Ok(value) = HeaderValue::try_from(value) {
                let headers = response.headers_mut();
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    })
    .await
}

#[derive(Deserialize)]
struct PixelBody {
    x: u32,
    y: u32,
    #[serde(flatten)]
    frame: FrameBody,
}

async fn pixel(State(shared): State<Arc<Shared>>, Body(body): Body<PixelBody>) -> Response {
    with_live(shared, move |live| {
        let place = (body.x, body.y);
        match live.pixel(&body.frame.ask(), place) {
            Ok(values) => Json(values).into_response(),
            Err(error) => problem_of(&error),
        }
    })
    .await
}

async fn plan(State(shared): State<Arc<Shared>>, Body(body): Body<FrameBody>) -> Response {
    with_live(shared, move |live| {
        let values = assignments(body.values);
        match live.plan(body.frame, body.lines, &values) {
            Ok(plan) => Json(plan).into_response(),
            Err(error) => problem_of(&error),
        }
    })
    .await
}

#[derive(Deserialize)]
struct ValuesBody {
    #[serde(default)]
    values: Values,
}

/// The style as the browser's own graphics card runs it, for pictures of the clip's size.
async fn browser(State(shared): State<Arc<Shared>>, Body(body): Body<ValuesBody>) -> Response {
    with_live(shared, move |live| {
        match live.browser(&assignments(body.values)) {
            Ok(style) => Json(style).into_response(),
            Err(error) => problem_of(&error),
        }
    })
    .await
}

async fn command(State(shared): State<Arc<Shared>>, Body(body): Body<ValuesBody>) -> Response {
    with_live(shared, move |live| {
        let values = assignments(body.values);
        let both = live
            .command(&values)
            .and_then(|command| Ok((command, live.preset(&values)?)));
        match both {
            Ok((command, preset)) => {
                Json(json!({"command": command, "preset": preset})).into_response()
            }
            Err(error) => problem_of(&error),
        }
    })
    .await
}

#[derive(Deserialize)]
struct PresetBody {
    name: String,
    #[serde(default)]
    values: Values,
}

async fn preset(State(shared): State<Arc<Shared>>, Body(body): Body<PresetBody>) -> Response {
    with_live(shared, move |live| {
        match live.save_preset(&body.name, &assignments(body.values)) {
            Ok(file) => Json(json!({"file": file})).into_response(),
            Err(RenderError::Exists { path }) => problem(
                StatusCode::CONFLICT,
                &format!("there is a preset of this name: {}", path.display()),
                "choose another name",
            ),
            Err(error) => problem_of(&error),
        }
    })
    .await
}

/// Tells the version of the style whenever it was loaded again, and says `bye` when the studio ends.
async fn events(
    State(shared): State<Arc<Shared>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (version, ends) = (shared.version.subscribe(), shared.ends.subscribe());
    let told = stream::unfold(Some((version, ends)), |state| async {
        let (mut version, mut ends) = state?;
        let ended = tokio::select! {
            _ = ends.wait_for(|ends| *ends) => true,
            changed = version.changed() => changed.is_err(),
        };
        if ended {
            return Some((Ok(Event::default().event("bye").data("{}")), None));
        }
        let data = json!({"version": *version.borrow_and_update()}).to_string();
        let event = Event::default().event("style").data(data);
        Some((Ok(event), Some((version, ends))))
    });
    Sse::new(told).keep_alive(KeepAlive::default())
}
