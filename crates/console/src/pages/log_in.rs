//! `/console/login`: name or e-mail address and password; where one-time codes are on, the code.

use askama::Template;
use axum::extract::Query;
use axum::response::{Html, IntoResponse, Response};
use http::header::{HeaderValue, LOCATION, SET_COOKIE};
use http::{HeaderName, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::api::Anything;
use crate::form::{Form, object};
use crate::language::{Language, Words};
use crate::settings::DemoLogIn;
use crate::trouble::Trouble;
use crate::visit::{Theme, Visit};
use crate::{links, ui};

/// Where to go afterwards.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    next: String,
}

#[derive(Template)]
#[template(path = "pages/log_in.html")]
struct LogIn {
    w: Words,
    theme: Theme,
    here: String,
    languages: [Language; 2],
    version: String,
    form: Form,
    next: String,
    asks_code: bool,
    /// Only the form, for the script.
    partial: bool,
    /// Over http on a network, what is typed in can be read on the way.
    unguarded: bool,
    /// In a demo: the password is filled in.
    demo: Option<DemoLogIn>,
}

pub(crate) async fn page(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let next = links::safe_next(&asked.next).to_owned();
    let form = Form::of(visit.demo.iter().map(|demo| ("login", demo.login.clone())));
    show(visit, form, next, false, StatusCode::OK)
}

pub(crate) async fn submit(visit: Visit, mut form: Form) -> Result<Response, Trouble> {
    let next = links::safe_next(form.text("next")).to_owned();
    let password = form.all("password").first().copied().unwrap_or_default().to_owned();
    let code = form.text("code").to_owned();
    let mut body = vec![("login", json!(form.text("login"))), ("password", json!(password))];
    if !code.is_empty() {
        body.push(("code", json!(code)));
    }
    let problem = match visit.api.post::<_, Anything>("/api/v1/sessions", &object(body)).await {
        Ok(reply) => return Ok(lead_on(&visit, &next, reply.cookies)),
        Err(Trouble::Refused(problem)) => problem,
        Err(trouble) => return Err(trouble),
    };
    let asks_code = matches!(problem.code.as_str(), "code_required" | "wrong_code");
    if problem.code != "code_required" || !code.is_empty() {
        form.take(&problem, visit.words);
    }
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
    show(visit, form, next, asks_code, status)
}

/// To a page, with the session that the API began.
pub(super) fn lead_on(visit: &Visit, to: &str, cookies: Vec<HeaderValue>) -> Response {
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static(links::HOME));
    let mut response = if visit.partial {
        (StatusCode::OK, [(HeaderName::from_static("hx-redirect"), to)]).into_response()
    } else {
        (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
    };
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn show(
    visit: Visit,
    form: Form,
    next: String,
    asks_code: bool,
    status: StatusCode,
) -> Result<Response, Trouble> {
    let page = LogIn {
        w: visit.words,
        theme: visit.theme,
        here: visit.path.clone(),
        languages: Language::ALL,
        version: visit.version.clone(),
        form,
        next,
        asks_code,
        partial: visit.partial,
        unguarded: is_unguarded(&visit.base_url),
        demo: visit.demo.clone(),
    };
    // A part that is swapped in has to be a success.
    let status = if visit.partial { StatusCode::OK } else { status };
    Ok((status, Html(page.render().map_err(Trouble::unreadable)?)).into_response())
}

/// Whether an address is reached over http, and not on this machine.
pub(super) fn is_unguarded(base_url: &str) -> bool {
    let Some(rest) = base_url.strip_prefix("http://") else { return false };
    let local = ["localhost", "127.", "[::1]"];
    !local.iter().any(|name| rest.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_on_a_network_is_unguarded() {
        assert!(is_unguarded("http://10.0.0.4:8080"));
        assert!(!is_unguarded("http://127.0.0.1:8080"));
        assert!(!is_unguarded("https://keys.example"));
    }
}
