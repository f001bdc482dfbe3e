//! Whether a page of another site asks: its browser sends the cookie along and says where it is.

use http::Method;
use http::header::{HeaderName, ORIGIN};
use http::request::Parts;

use super::cookie::host;
use crate::problem::Problem;
use crate::state::App;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a write that a page of another site asks for.
///
/// `Sec-Fetch-Site` decides where there is one: browsers send it over https and to the machine
/// itself. Else the origin has to be the host that is asked, or the public address. A request with
/// neither does not come from a browser, which could be led on.
pub(super) fn check(app: &App, parts: &Parts) -> Result<(), Problem> {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text =
        |name: &HeaderName| parts.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let (site, origin) = (text(&FETCH_SITE), text(&ORIGIN));
    let is_public = origin.is_some_and(|origin| {
        app.deployment.public_url.as_deref().is_some_and(|url| same_origin(url, origin))
    });
    let allowed = match (site, origin) {
        (Some(site), _) => matches!(site, "same-origin" | "none") || is_public,
        (None, Some(origin)) => {
            let (_, authority) = origin.split_once("://").unwrap_or_default();
            is_public || host(parts).is_some_and(|host| host.eq_ignore_ascii_case(authority))
        }
        (None, None) => true,
    };
    if allowed {
        return Ok(());
    }
    let detail = "A page of another site asked for this with your session. Do it on this deployment's own pages.";
    Err(Problem::forbidden("cross_origin", detail))
}

/// Whether an address begins with this origin and goes on with a path, if at all.
fn same_origin(url: &str, origin: &str) -> bool {
    url.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_not_merely_a_beginning() {
        assert!(same_origin("https://a.example/x", "https://a.example"));
        assert!(same_origin("https://a.example", "https://a.example"));
        assert!(!same_origin("https://a.example.evil", "https://a.example"));
        assert!(!same_origin("https://a.example:444", "https://a.example"));
    }
}
