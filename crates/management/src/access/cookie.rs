//! The cookie of a session. Over https its name begins with `__Host-`, so that neither another host
//! nor a page over http can plant one.

use http::HeaderMap;
use http::header::{COOKIE, HOST, HeaderValue, InvalidHeaderValue, ORIGIN};
use http::request::Parts;

use crate::state::App;

/// Its name over http.
pub(crate) const PLAIN: &str = "tollkeeper_session";
/// Its name over https.
pub(crate) const SECURE: &str = "__Host-tollkeeper_session";

/// The value of a request's cookie, if it has one that may be believed.
pub(crate) fn read(app: &App, parts: &Parts) -> Option<String> {
    if let Some(value) = find(&parts.headers, SECURE) {
        return Some(value);
    }
    // On the public address over https, the unguarded name may come from anywhere.
    let public = app.deployment.public_url.as_deref().and_then(|url| url.strip_prefix("https://"));
    let guarded = public.is_some_and(|public| host(parts) == public.split('/').next());
    find(&parts.headers, PLAIN).filter(|_| !guarded)
}

/// The header that gives a browser a session, or with no value takes it away.
pub(crate) fn write(
    app: &App,
    parts: &Parts,
    value: Option<&str>,
    seconds: i64,
) -> Result<HeaderValue, InvalidHeaderValue> {
    let (name, secure) = if is_secure(app, parts) { (SECURE, "; Secure") } else { (PLAIN, "") };
    let (value, seconds) = value.map_or(("", 0), |value| (value, seconds));
    HeaderValue::try_from(format!(
        "{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    ))
}

/// Whether the browser talks https: its own word for it, else the public address.
fn is_secure(app: &App, parts: &Parts) -> bool {
    let origin = parts.headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let address = origin.filter(|origin| *origin != "null");
    address
        .or(app.deployment.public_url.as_deref())
        .is_some_and(|address| address.starts_with("https://"))
}

/// The host that a request was sent to, with its port.
pub(super) fn host(parts: &Parts) -> Option<&str> {
    let named = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    parts.uri.authority().map(http::uri::Authority::as_str).or(named)
}

fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(known, _)| known.trim() == name)?;
    let value = value.trim();
    (!value.is_empty() && value.len() <= 128).then(|| value.to_owned())
}
