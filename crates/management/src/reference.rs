//! `GET /docs`: a reference page that works offline. It draws `openapi.json`; nothing comes from
//! anywhere else, and nothing inline runs.

use axum::response::{IntoResponse, Response};
use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

use crate::access::Anybody;
use crate::endpoint::Endpoint;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn page() -> Endpoint {
    Endpoint::get("/docs", handle_page)
        .about("Description", "Read the reference page", "For people; works offline.")
        .answers_text("text/html", "The page.")
}

pub(crate) fn style() -> Endpoint {
    Endpoint::get("/docs/reference.css", handle_style)
        .about("Description", "The reference page's style", "")
        .answers_text("text/css", "The style sheet.")
}

pub(crate) fn script() -> Endpoint {
    Endpoint::get("/docs/reference.js", handle_script)
        .about("Description", "The reference page's script", "")
        .answers_text("text/javascript", "The script.")
}

async fn handle_page(_: Anybody) -> Response {
    asset("text/html; charset=utf-8", include_str!("reference/reference.html"))
}

async fn handle_style(_: Anybody) -> Response {
    asset("text/css; charset=utf-8", include_str!("reference/reference.css"))
}

async fn handle_script(_: Anybody) -> Response {
    asset("text/javascript; charset=utf-8", include_str!("reference/reference.js"))
}

fn asset(content_type: &'static str, text: &'static str) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
