//! What there is to choose from.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::app::App;
use super::super::problem::{Answer, Problem};
use super::{List, Part, Studio, worked};
use crate::render::request::RenderRequest;
use crate::render::{preset_list, style_list};

/// The presets that Speed, Balanced and Quality stand for.
const QUALITIES: [&str; 3] = ["speed", "balanced", "quality"];

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(styles))
        .routes(routes!(style))
        .routes(routes!(presets))
        .routes(routes!(qualities))
}

fn all(app: &App) -> Answer<Vec<Value>> {
    let library = RenderRequest::default().library()?;
    let mut styles = style_list(&library)?;
    for style in &mut styles {
        // A folder of this machine is named where pages may see it.
        if let Some(origin) = style.get("origin").and_then(Value::as_str) {
            let name = app.name_of(origin.as_ref());
            style["origin"] = json!(name.unwrap_or_else(|| "a folder of this machine".to_owned()));
        }
        let name = style["name"].as_str().unwrap_or_default().to_owned();
        for param in style["params"].as_array_mut().into_iter().flatten() {
            param["label"] = param["name"].clone();
            param["name"] = json!(format!(
                "{name}.{}",
                param["label"].as_str().unwrap_or_default()
            ));
        }
    }
    Ok(styles)
}

/// The styles
///
/// Each with its parameters, and their JSON Schema.
#[utoipa::path(get, path = "/styles", tag = "choices", responses((status = 200, body = List<Object>)))]
async fn styles(State(app): Studio) -> Answer<Json<List<Value>>> {
    worked(move || Ok(Json(List::whole(all(&app)?)))).await
}

/// One style
#[utoipa::path(
    get, path = "/styles/{name}", tag = "choices", params(("name" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)),
)]
async fn style(State(app): Studio, Part(name): Part<String>) -> Answer<Json<Value>> {
    worked(move || {
        let mut styles = all(&app)?.into_iter();
        let found = styles.find(|style| style["name"] == name.as_str());
        found
            .map(Json)
            .ok_or_else(|| Problem::missing(format!("there is no style {name:?}")))
    })
    .await
}

/// The presets
#[utoipa::path(get, path = "/presets", tag = "choices", responses((status = 200, body = List<Object>)))]
async fn presets() -> Answer<Json<List<Value>>> {
    worked(|| Ok(Json(List::whole(preset_list(&[])?)))).await
}

/// What Speed, Balanced and Quality stand for
#[utoipa::path(get, path = "/qualities", tag = "choices", responses((status = 200, body = List<Object>)))]
async fn qualities() -> Answer<Json<List<Value>>> {
    worked(|| {
        let presets = preset_list(&[])?;
        let of = |name: &str| {
            let preset = presets.iter().find(|preset| preset["name"] == name)?;
            Some(
                json!({"name": name, "words": preset["description"], "request": preset["request"]}),
            )
        };
        Ok(Json(List::whole(
            QUALITIES.into_iter().filter_map(of).collect(),
        )))
    })
    .await
}
