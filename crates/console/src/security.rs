//! Headers that every page carries, and the refusal of writes that another site's page asks for.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, Method};

use crate::app::App;
use crate::trouble::Trouble;

/// Nothing inline runs, nothing comes from elsewhere, nobody frames a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
/// The headers that every page carries.
pub(crate) const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    // Not "no-referrer": forms would then send `Origin: null`.
    (REFERRER_POLICY, "same-origin"),
    (PERMISSIONS, "camera=(), geolocation=(), microphone=(), payment=()"),
    (OPENER, "same-origin"),
];
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Adds the headers to an answer.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuses a write unless the browser says that a page of ours asks for it. Only browsers have
/// business here, and all of them say one or the other.
pub(crate) async fn same_site(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, Trouble> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let uri_host = request.uri().authority().map(http::uri::Authority::as_str);
    if reads || is_ours(request.headers(), uri_host, app.settings.public_url.as_deref()) {
        return Ok(next.run(request).await);
    }
    Err(Trouble::CrossOrigin)
}

fn is_ours(headers: &HeaderMap, uri_host: Option<&str>, public_url: Option<&str>) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let origin = text(&ORIGIN);
    let is_public = origin.zip(public_url).is_some_and(|(origin, url)| {
        url.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    match (text(&FETCH_SITE), origin) {
        (Some(site), _) => matches!(site, "same-origin" | "none") || is_public,
        (None, Some(origin)) => {
            let (_, authority) = origin.split_once("://").unwrap_or_default();
            let host = uri_host.or_else(|| text(&HOST));
            is_public || host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
        }
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(pairs: &[(HeaderName, &'static str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        is_ours(&headers, None, Some("https://keys.example/x"))
    }

    #[test]
    fn a_write_of_another_site_is_refused() {
        assert!(ours(&[(FETCH_SITE, "same-origin")]));
        assert!(ours(&[(ORIGIN, "http://a:1"), (HOST, "a:1")]));
        assert!(ours(&[(ORIGIN, "https://keys.example"), (HOST, "inside:8080")]));
        assert!(!ours(&[(FETCH_SITE, "cross-site"), (ORIGIN, "http://a:1"), (HOST, "a:1")]));
        assert!(!ours(&[(FETCH_SITE, "same-site")]));
        assert!(!ours(&[(ORIGIN, "https://keys.example.evil"), (HOST, "a:1")]));
        assert!(!ours(&[(ORIGIN, "null"), (HOST, "a:1")]));
        assert!(!ours(&[(HOST, "a:1")]));
    }
}
