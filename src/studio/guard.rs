//! Who may talk to the studio: pages that it served itself, on this machine.
//!
//! A page of any site can send requests to this machine. Names that lead here by a trick of DNS are told by `Host`, pages of
//! other sites by `Origin` and `Sec-Fetch-Site`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::api::problem;

/// Headers of all answers.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// Refuses what does not come from a page of the studio, and adds the headers that keep its answers to itself.
pub(super) async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let refused = refusal(request.method(), request.headers(), shared.port);
    let mut response = match refused {
        Some((status, why)) => problem(status, why, "open the address that the studio printed"),
        None => next.run(request).await.into_response(),
    };
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Why a request is refused, if it is.
fn refusal(method: &Method, headers: &HeaderMap, port: u16) -> Option<(StatusCode, &'static str)> {
    let text = |name: HeaderName| {
        let value = headers.get(name)?;
        // What is no text is no name of this machine.
        Some(value.to_str().unwrap_or(""))
    };
    let own = |host: &str| {
        let names = ["127.0.0.1", "localhost", "[::1]"];
        names.iter().any(|name| host == format!("{name}:{port}"))
    };
    if !text(header::HOST).is_some_and(own) {
        return Some((
            StatusCode::MISDIRECTED_REQUEST,
            "the request was sent to another host",
        ));
    }
    let from = |origin: &str| origin.strip_prefix("http://").is_some_and(own);
    if text(header::ORIGIN).is_some_and(|origin| !from(origin)) {
        return Some((StatusCode::FORBIDDEN, "the request comes from another site"));
    }
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let foreign = site.is_some_and(|site| !["same-origin", "none"].contains(&site));
    let safe = [Method::GET, Method::HEAD].contains(method);
    if foreign && !safe {
        return Some((StatusCode::FORBIDDEN, "the request comes from another site"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_studio_are_answered() {
        let status = |method: Method, given: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in given {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            refusal(&method, &headers, 8431).map(|(status, _)| status.as_u16())
        };
        let host = ("host", "127.0.0.1:8431");
        for own in ["127.0.0.1:8431", "localhost:8431", "[::1]:8431"] {
            assert_eq!(status(Method::GET, &[("host", own)]), None, "{own}");
        }
        for other in [
            "evil.test:8431",
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost.evil.test:8431",
            "",
        ] {
            assert_eq!(
                status(Method::GET, &[("host", other)]),
                Some(421),
                "{other}"
            );
        }
        assert_eq!(status(Method::GET, &[]), Some(421));
        for other in [
            "null",
            "http://evil.test",
            "https://127.0.0.1:8431",
            "http://127.0.0.1:9000",
        ] {
            let told = status(Method::POST, &[host, ("origin", other)]);
            assert_eq!(told, Some(403), "{other}");
        }
        let own = ("origin", "http://127.0.0.1:8431");
        assert_eq!(status(Method::POST, &[host, own]), None);
        assert_eq!(status(Method::POST, &[host]), None, "a program, not a page");
        let cross = ("sec-fetch-site", "cross-site");
        assert_eq!(status(Method::POST, &[host, cross]), Some(403));
        assert_eq!(
            status(Method::GET, &[host, cross]),
            None,
            "a link to the page"
        );
    }
}
