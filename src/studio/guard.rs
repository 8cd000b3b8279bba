//! Who may talk to the studio: pages that it served itself, programs of this machine, and, where it listens to others, those
//! that have a token.
//!
//! A page of any site can send requests to this machine. Names that lead here by a trick of DNS are told by `Host`, pages of
//! other sites by `Origin` and `Sec-Fetch-Site`. What changes something needs, from a browser, a token that only the studio's
//! own pages know.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::App;
use super::problem::Problem;

/// Headers of all answers.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];
/// How long an answer may take to begin.
const LONGEST: Duration = Duration::from_secs(600);
/// The header that carries the token of the pages.
const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// What is read without a token: it says nothing of this machine.
const OPEN: &str = "/api/v1/openapi.json";

/// What requests are held against.
#[derive(Clone, Debug)]
pub struct Guard {
    pub port: u16,
    /// Names by which it may be called, besides those of this machine.
    pub hosts: Vec<String>,
    /// What the pages send with everything that changes something.
    pub csrf: String,
    /// Whether every request needs a token.
    pub needs_token: bool,
}

/// Refuses what does not come from a page of the studio or from a program that may ask, and adds the headers that keep its answers
/// to itself.
pub async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let refused = app.guard.refusal(request.method(), request.headers());
    let mut response = match refused {
        Some(problem) => problem.into_response(),
        None => match app.guard.admits(&app, request.uri(), request.headers()) {
            Admitted::Yes => match timeout(LONGEST, next.run(request)).await {
                Ok(response) => response,
                Err(_) => Problem::new(
                    StatusCode::GATEWAY_TIMEOUT,
                    "the request took too long",
                    "ask for less at once, or try again when the machine is less busy",
                )
                .into_response(),
            },
            Admitted::WithCookie(cookie) => to_start(&cookie),
            Admitted::No => Problem::new(
                StatusCode::UNAUTHORIZED,
                "the studio asks for its token",
                "open the address with the token that it printed, or send it as `Authorization: Bearer TOKEN`",
            )
            .into_response(),
        },
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Keeps the token in a cookie that scripts cannot read, and takes it out of the address.
fn to_start(cookie: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_static("/"));
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Whether a request has the token.
enum Admitted {
    Yes,
    /// In its address: it belongs into this cookie.
    WithCookie(String),
    No,
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let value = headers.get(name)?;
    // What is no text is no name of this machine.
    Some(value.to_str().unwrap_or(""))
}

impl Guard {
    /// Why a request is refused, if it is.
    fn refusal(&self, method: &Method, headers: &HeaderMap) -> Option<Problem> {
        let foreign = |status, why: &str| {
            Some(Problem::new(
                status,
                why,
                "open the address that the studio printed; another name of this machine is allowed with --host NAME",
            ))
        };
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        if hosts.next().is_some() || !host.is_some_and(|host| self.is_own(host)) {
            return foreign(
                StatusCode::MISDIRECTED_REQUEST,
                "the request was sent to another host",
            );
        }
        let origin = text(headers, header::ORIGIN);
        let from = |origin: &str| {
            let own = origin.strip_prefix("http://");
            own.is_some_and(|host| self.is_own(host)) || self.is_behind_proxy(origin)
        };
        if origin.is_some_and(|origin| !from(origin)) {
            return foreign(StatusCode::FORBIDDEN, "the request comes from another site");
        }
        if [Method::GET, Method::HEAD].contains(method) {
            return None;
        }
        let site = text(headers, SITE);
        if site.is_some_and(|site| !["same-origin", "none"].contains(&site)) {
            return foreign(StatusCode::FORBIDDEN, "the request comes from another site");
        }
        // A browser says so with everything that changes something; other programs are no page's tool.
        let is_page = origin.is_some() || site.is_some();
        if is_page && text(headers, CSRF) != Some(&self.csrf) {
            return Some(Problem::new(
                StatusCode::FORBIDDEN,
                "the request comes from a page that the studio did not serve, or from before it was started again",
                "reload the page",
            ));
        }
        None
    }

    /// Whether `host`, with a port where it is not 80, is a name of the studio.
    fn is_own(&self, host: &str) -> bool {
        let names = ["127.0.0.1", "localhost", "[::1]"].into_iter();
        let mut names = names.chain(self.hosts.iter().map(String::as_str));
        names.any(|name| {
            host.strip_prefix(name).is_some_and(|rest| {
                rest == format!(":{}", self.port)
                    || (rest.is_empty() && (self.port == 80 || self.is_named(name)))
            })
        })
    }

    /// A name that the user gave may be that of a proxy, with a port of its own.
    fn is_named(&self, name: &str) -> bool {
        self.hosts.iter().any(|host| host == name)
    }

    fn is_behind_proxy(&self, origin: &str) -> bool {
        let host = origin.strip_prefix("https://");
        host.is_some_and(|host| self.is_named(host))
    }

    fn cookie_name(&self) -> String {
        // All ports of a machine share its cookies.
        format!("aquatint-{}", self.port)
    }

    fn admits(&self, app: &App, uri: &Uri, headers: &HeaderMap) -> Admitted {
        if !self.needs_token || uri.path() == OPEN {
            return Admitted::Yes;
        }
        let is_known = |token: &str| matches!(app.store.check_token(token), Ok(Some(_)));
        let bearer =
            text(headers, header::AUTHORIZATION).and_then(|text| text.strip_prefix("Bearer "));
        let name = self.cookie_name();
        let mut cookies = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split("; "))
            .filter_map(|pair| pair.split_once('='))
            .filter(|(own, _)| *own == name)
            .map(|(_, value)| value);
        if bearer.is_some_and(is_known) || cookies.any(is_known) {
            return Admitted::Yes;
        }
        let query = uri.query().unwrap_or_default().split('&');
        let token = query.filter_map(|pair| pair.strip_prefix("token=")).next();
        match token.filter(|token| is_known(token)) {
            Some(token) if uri.path() == "/" => {
                Admitted::WithCookie(format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict"))
            }
            _ => Admitted::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard {
            port: 8431,
            hosts: vec!["films.example".to_owned()],
            csrf: "secret".to_owned(),
            needs_token: false,
        }
    }

    fn status(method: Method, given: &[(&'static str, &'static str)]) -> Option<u16> {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(*name, HeaderValue::from_static(value));
        }
        guard()
            .refusal(&method, &headers)
            .map(|problem| problem.status)
    }

    const HOST: (&str, &str) = ("host", "127.0.0.1:8431");

    #[test]
    fn only_own_names_are_answered() {
        for own in [
            "127.0.0.1:8431",
            "localhost:8431",
            "[::1]:8431",
            "films.example:8431",
            "films.example",
        ] {
            assert_eq!(status(Method::GET, &[("host", own)]), None, "{own}");
        }
        for other in [
            "evil.test:8431",
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost.evil.test:8431",
            "films.example.evil.test",
            "",
        ] {
            let told = status(Method::GET, &[("host", other)]);
            assert_eq!(told, Some(421), "{other}");
        }
        assert_eq!(status(Method::GET, &[]), Some(421));
        let two = [HOST, ("host", "evil.test")];
        assert_eq!(status(Method::GET, &two), Some(421));
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        for other in [
            "null",
            "http://evil.test",
            "https://127.0.0.1:8431",
            "http://127.0.0.1:9000",
        ] {
            let given = [HOST, ("origin", other), ("x-csrf-token", "secret")];
            assert_eq!(status(Method::POST, &given), Some(403), "{other}");
        }
        let cross = ("sec-fetch-site", "cross-site");
        assert_eq!(status(Method::POST, &[HOST, cross]), Some(403));
        assert_eq!(
            status(Method::GET, &[HOST, cross]),
            None,
            "a link to the page"
        );
    }

    #[test]
    fn pages_say_their_token_and_programs_need_none() {
        let own = ("origin", "http://127.0.0.1:8431");
        let csrf = ("x-csrf-token", "secret");
        assert_eq!(status(Method::POST, &[HOST, own]), Some(403));
        let other = ("x-csrf-token", "other");
        assert_eq!(status(Method::POST, &[HOST, own, other]), Some(403));
        assert_eq!(status(Method::POST, &[HOST, own, csrf]), None);
        let same = ("sec-fetch-site", "same-origin");
        assert_eq!(status(Method::DELETE, &[HOST, same]), Some(403));
        assert_eq!(status(Method::POST, &[HOST]), None, "a program, not a page");
        let proxy = [HOST, ("origin", "https://films.example"), csrf];
        assert_eq!(status(Method::POST, &proxy), None);
    }
}
