//! Who comes in: this machine's browser, with the cookie that the one-time code was exchanged for.
//!
//! Any page on the internet can make a browser send requests to this machine. So the `Host` has to be
//! one of ours (a foreign name that points here is refused), a write has to come from a page of ours,
//! and both need a cookie that no other site's page can make the browser send.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, COOKIE, HOST, HeaderName, HeaderValue, ORIGIN, SET_COOKIE};
use http::{HeaderMap, Method, StatusCode};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::app::App;
use crate::form::Form;
use crate::page;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The door of one run.
pub struct Door {
    address: SocketAddr,
    /// The code, until it was used.
    code: Mutex<Option<String>>,
    session: String,
    last: Mutex<Instant>,
}

impl Door {
    /// A door at the address that is listened on, with a new code and a new session.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        let random = || hex::encode(rand::random::<[u8; 32]>());
        Self {
            address,
            code: Mutex::new(Some(random())),
            session: random(),
            last: Mutex::new(Instant::now()),
        }
    }

    /// The URL that opens it, once. The code stands in the fragment, which browsers send to nobody.
    #[must_use]
    pub fn url(&self) -> String {
        let code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        format!("http://{}/#{}", self.address, code.as_deref().unwrap_or_default())
    }

    /// How long nobody asked for anything.
    pub(crate) fn rested(&self) -> Duration {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// Cookies know no ports: another program on this machine has another name.
    fn cookie_name(&self) -> String {
        format!("tollkeeper_dock_{}", self.address.port())
    }

    fn knows_host(&self, host: &str) -> bool {
        host == self.address.to_string() || host == format!("localhost:{}", self.address.port())
    }

    fn knows_session(&self, headers: &HeaderMap) -> bool {
        let name = self.cookie_name();
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|it| it.split_once('='));
        pairs.any(|(known, value)| known.trim() == name && same(value.trim(), &self.session))
    }

    /// Takes the code, which then is worth nothing any more.
    fn take(&self, given: &str) -> bool {
        let mut code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        let right = code.as_deref().is_some_and(|code| same(code, given));
        if right {
            *code = None;
        }
        right
    }
}

/// Compared by digest, so that the time taken tells nothing.
fn same(one: &str, other: &str) -> bool {
    Sha256::digest(one) == Sha256::digest(other)
}

/// Refuses what is not asked of us, or not by a page of ours; adds the headers to every answer.
pub(crate) async fn ours(State(app): State<App>, request: Request, next: Next) -> Response {
    let door = app.door();
    *door.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    let headers = request.headers();
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(&HOST).filter(|host| door.knows_host(host));
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let known = host.is_some();
    let allowed = host.is_some_and(|host| reads || is_ours(host, text(&ORIGIN), text(&FETCH_SITE)));
    let mut response = if allowed {
        next.run(request).await
    } else if known {
        refuse(StatusCode::FORBIDDEN, "Another site's page asked for this.\n")
    } else {
        refuse(StatusCode::MISDIRECTED_REQUEST, "This is not the address of the dock.\n")
    };
    let headers = response.headers_mut();
    for (name, value) in console::look::headers() {
        headers.insert(name, value);
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whatever the browser says has to name us, and it has to say something.
fn is_ours(host: &str, origin: Option<&str>, fetch_site: Option<&str>) -> bool {
    let origin_is = origin.map(|origin| origin.strip_prefix("http://") == Some(host));
    let fetch_is = fetch_site.map(|site| site == "same-origin");
    origin_is.or(fetch_is).is_some() && origin_is != Some(false) && fetch_is != Some(false)
}

fn refuse(status: StatusCode, text: &'static str) -> Response {
    (status, text).into_response()
}

/// Shows the gate to whoever has no session; the code itself may be handed in.
pub(crate) async fn signed_in(State(app): State<App>, request: Request, next: Next) -> Response {
    let hands_in = *request.method() == Method::POST && request.uri().path() == "/session";
    if hands_in || app.door().knows_session(request.headers()) {
        return next.run(request).await;
    }
    page::gate(request.headers(), StatusCode::UNAUTHORIZED)
}

/// `POST /session`: the code for a cookie.
pub(crate) async fn exchange(State(app): State<App>, headers: HeaderMap, form: Form) -> Response {
    let door = app.door();
    if !door.take(form.text("code")) {
        return page::gate(&headers, StatusCode::FORBIDDEN);
    }
    let (name, session) = (door.cookie_name(), &door.session);
    let cookie = format!("{name}={session}; Path=/; HttpOnly; SameSite=Strict");
    let mut response = page::redirect("/");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_write() {
        let host = "127.0.0.1:9";
        let ours = |origin, site| is_ours(host, origin, site);
        assert!(ours(Some("http://127.0.0.1:9"), None));
        assert!(ours(Some("http://127.0.0.1:9"), Some("same-origin")));
        assert!(ours(None, Some("same-origin")));
        assert!(!ours(None, None));
        assert!(!ours(Some("null"), None));
        assert!(!ours(Some("http://127.0.0.1:8"), Some("same-site")));
        assert!(!ours(Some("http://localhost:9"), None));
        assert!(!ours(Some("https://127.0.0.1:9"), None));
        assert!(!ours(Some("http://127.0.0.1:9"), Some("cross-site")));
        assert!(!ours(None, Some("none")));
    }

    #[test]
    fn a_code_is_taken_once() {
        let door = Door::new(SocketAddr::from(([127, 0, 0, 1], 9)));
        let url = door.url();
        let code = url.strip_prefix("http://127.0.0.1:9/#").unwrap();
        assert_eq!(code.len(), 64);
        assert!(!door.take("") && !door.take("x"));
        assert!(door.take(code));
        assert!(!door.take(code) && !door.take(""));
        for host in ["evil.example", "127.0.0.1", "127.0.0.1:90", "localhost:9.evil", "[::1]:9"] {
            assert!(!door.knows_host(host), "{host}");
        }
        assert!(door.knows_host("localhost:9") && door.knows_host("127.0.0.1:9"));
    }
}
