//! `POST /console/preferences`: language and theme, for this browser and, of somebody who is logged
//! in, for their account.

use axum::response::{IntoResponse, Redirect, Response};
use http::header::{HeaderValue, SET_COOKIE};
use serde_json::{Value, json};

use crate::api::Anything;
use crate::form::{Form, object};
use crate::language::Language;
use crate::links;
use crate::trouble::Trouble;
use crate::visit::{LANGUAGE, THEME, Theme, Visit};

pub(crate) async fn submit(visit: Visit, form: Form) -> Result<Response, Trouble> {
    let mut response = Redirect::to(back(form.text("back"))).into_response();
    let mut change = Vec::new();
    if let Some(language) = Language::named(form.text("language")) {
        keep(&mut response, LANGUAGE, language.tag());
        change.push(("language", json!(language.tag())));
    }
    if !form.text("theme").is_empty() {
        let theme = Theme::named(form.text("theme"));
        keep(&mut response, THEME, theme.name());
        let own = if theme == Theme::Auto { Value::Null } else { json!(theme.name()) };
        change.push(("theme", own));
    }
    match visit.api.patch::<_, Anything>("/api/v1/me", &object(change), None).await {
        Ok(_) => Ok(response),
        // Nobody is logged in: the cookie alone keeps it.
        Err(Trouble::Refused(problem)) if matches!(problem.status, 401 | 404) => Ok(response),
        Err(trouble) => Err(trouble),
    }
}

fn back(path: &str) -> &str {
    links::safe_next(path)
}

pub(super) fn keep(response: &mut Response, name: &str, value: &str) {
    let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
