//! `POST /preferences`: language and theme, kept by the browser.

use axum::response::Response;
use console::look::Look;
use http::header::SET_COOKIE;

use crate::form::Form;
use crate::page::redirect;

pub(crate) async fn submit(form: Form) -> Response {
    let back = form.text("back");
    let ours = back.starts_with('/') && !back.starts_with("//") && !back.contains('\\');
    let mut response = redirect(if ours { back } else { "/" });
    for what in ["language", "theme"] {
        if let Some(cookie) = form.given(what).and_then(|chosen| Look::choice(what, &chosen)) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}
