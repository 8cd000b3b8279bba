//! What goes wrong, as programs read it: `application/problem+json` (RFC 9457), with the advice that the command line gives.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::roots::RootsError;
use super::store::StoreError;
use super::uploads::UploadsError;
use crate::measure::ratings::RatingsError;
use crate::render::{Failure, RenderError};
use crate::topics::topic_of;

/// Where it stands what a request takes.
pub const DESCRIBED: &str = "/api/v1/openapi.json says what each request takes";

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// What failed and why.
    pub title: String,
    /// What to do.
    pub detail: String,
    /// The help topic about it: `aquatint help TOPIC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Of an upload that goes on elsewhere: the bytes that have come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl Problem {
    /// A request that failed with `status`: what failed and why, and what to do.
    pub fn new(status: StatusCode, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            title: title.into(),
            detail: detail.into(),
            topic: None,
            offset: None,
        }
    }

    /// There is no such thing.
    pub fn missing(title: impl Into<String>) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            title,
            "reload the page: it may have been removed",
        )
    }

    /// The request itself is wrong.
    pub fn unfit(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, title, detail)
    }

    /// The program itself is wrong.
    pub fn fault(what: &str) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("{what}: an internal error"),
            "this is a fault of aquatint: please report it",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let body = serde_json::to_string(&self).unwrap_or_default();
        (status, kind, body).into_response()
    }
}

/// What a handler gives.
pub type Answer<T> = Result<T, Problem>;

/// The status of an answer to what failed so.
pub fn status_of(failure: Failure) -> StatusCode {
    match failure {
        Failure::NoInput => StatusCode::NOT_FOUND,
        Failure::Usage | Failure::BadInput | Failure::Differs | Failure::CannotCreate => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Failure::Unavailable | Failure::TryAgain | Failure::Cancelled => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Failure::Io | Failure::Fault => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<RenderError> for Problem {
    fn from(error: RenderError) -> Self {
        Self::of(&error)
    }
}

impl Problem {
    /// What failed in a render, with the command line's advice.
    pub fn of(error: &RenderError) -> Self {
        Self {
            topic: topic_of(error).map(str::to_owned),
            ..Self::new(status_of(error.failure()), error.summary(), error.advice())
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let status = match &error {
            StoreError::UnknownJob { .. } | StoreError::UnknownWatch { .. } => {
                StatusCode::NOT_FOUND
            }
            StoreError::Refused { .. }
            | StoreError::NotWaiting { .. }
            | StoreError::NotEnded { .. } => StatusCode::CONFLICT,
            StoreError::KeyReused { .. } | StoreError::Invalid { .. } => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            StoreError::Full { .. } => StatusCode::INSUFFICIENT_STORAGE,
            StoreError::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string(), error.advice())
    }
}

impl From<RatingsError> for Problem {
    fn from(error: RatingsError) -> Self {
        let advice = error.advice();
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string(), advice)
    }
}

impl From<RootsError> for Problem {
    fn from(error: RootsError) -> Self {
        let status = match &error {
            RootsError::NotFound { .. } | RootsError::UnknownRoot { .. } => StatusCode::NOT_FOUND,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, error.to_string(), error.advice())
    }
}

impl From<UploadsError> for Problem {
    fn from(error: UploadsError) -> Self {
        let status = match &error {
            UploadsError::Unknown => StatusCode::NOT_FOUND,
            UploadsError::WrongOffset { .. } | UploadsError::Busy => StatusCode::CONFLICT,
            UploadsError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            UploadsError::NoRoom { .. } => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let offset = match &error {
            UploadsError::WrongOffset { right, .. } => Some(*right),
            _ => None,
        };
        Self {
            offset,
            ..Self::new(status, error.to_string(), error.advice())
        }
    }
}

/// What is wrong with the text of a request.
macro_rules! rejected {
    ($($rejection:ty),+) => {
        $(impl From<$rejection> for Problem {
            fn from(rejection: $rejection) -> Self {
                Self::new(
                    rejection.status(),
                    rejection.body_text(),
                    DESCRIBED,
                )
            }
        })+
    };
}
rejected!(JsonRejection, PathRejection, QueryRejection);
