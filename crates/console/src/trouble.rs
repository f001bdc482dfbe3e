//! What can go wrong on the way to a page, and the pages that say so.
//!
//! A handler says `?`. The trouble travels in the answer's extensions to [`render`], which knows
//! the visitor's language and whether a whole page or a part of one was asked for.

use askama::Template;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HeaderValue, LOCATION};
use http::{HeaderName, StatusCode};
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::app::App;
use crate::language::{Message, Words};
use crate::links;
use crate::visit::{Theme, Visit};

/// Why there is no page.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// The API refused.
    Refused(Box<Problem>),
    /// Nobody is logged in.
    SignedOut,
    /// A page of another site asked.
    CrossOrigin,
    /// There is no such page.
    NoSuchPage,
    /// The form cannot be read.
    BadForm,
    /// A fault of ours, which was logged.
    Fault,
}

/// A refusal of the API: problem JSON.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Problem {
    /// The HTTP status.
    #[serde(default)]
    pub(crate) status: u16,
    /// The stable code.
    #[serde(default)]
    pub(crate) code: String,
    /// A sentence for people, in English.
    #[serde(default)]
    pub(crate) detail: String,
    /// The fields that are wrong.
    #[serde(default)]
    pub(crate) errors: Vec<FieldError>,
    /// What the sentence names.
    #[serde(default)]
    pub(crate) values: BTreeMap<String, String>,
}

/// A field that is wrong.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct FieldError {
    /// Its path, such as `daily_limit.amount` or `ip_allowlist[1]`.
    pub(crate) field: String,
    /// What kind of mistake it is.
    #[serde(default)]
    pub(crate) code: String,
    /// What is allowed, in English.
    #[serde(default)]
    pub(crate) message: String,
    /// The name of what is allowed.
    #[serde(default)]
    pub(crate) reason: String,
    /// What the sentence names.
    #[serde(default)]
    pub(crate) values: BTreeMap<String, String>,
}

impl Trouble {
    /// Something of ours that cannot be read or written.
    pub(crate) fn unreadable(reason: impl std::fmt::Display) -> Self {
        tracing::error!(%reason, "the console could not use an answer of the API");
        Self::Fault
    }

    const fn status(&self) -> u16 {
        match self {
            Self::Refused(problem) => problem.status,
            Self::SignedOut => 401,
            Self::CrossOrigin => 403,
            Self::NoSuchPage => 404,
            Self::BadForm => 400,
            Self::Fault => 500,
        }
    }

    /// What happened and what to do, in the visitor's language.
    pub(crate) fn sentence(&self, words: Words) -> String {
        let message = match self {
            Self::Refused(problem) => return problem.sentence(words),
            Self::SignedOut => Message("trouble-signed-out"),
            Self::CrossOrigin => Message("trouble-cross-origin"),
            Self::NoSuchPage => Message("trouble-not-found"),
            Self::BadForm => Message("trouble-bad-form"),
            Self::Fault => Message("trouble-fault"),
        };
        words.say(message).into_owned()
    }
}

impl Problem {
    /// The sentence for this code in the visitor's language, else the API's own.
    pub(crate) fn sentence(&self, words: Words) -> String {
        words.coded("problem", &self.code, &self.values).unwrap_or_else(|| {
            match self.detail.is_empty() {
                true => words.say(Message("trouble-fault")).into_owned(),
                false => self.detail.clone(),
            }
        })
    }
}

impl FieldError {
    /// What is allowed in the visitor's language, else in the API's own words.
    pub(crate) fn sentence(&self, words: Words) -> String {
        let known = words.coded("wrong", &self.reason, &self.values);
        known.unwrap_or_else(|| self.message.clone())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage {
    w: Words,
    theme: Theme,
    status: u16,
    sentence: String,
}

/// Turns a trouble into a page, a toast or the way to the log-in.
pub(crate) async fn render(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(visit) = Visit::from_request_parts(&mut parts, &app).await;
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(trouble) = response.extensions().get::<Trouble>().cloned() else { return response };
    let signed_out = matches!(trouble, Trouble::SignedOut)
        || matches!(&trouble, Trouble::Refused(problem) if problem.status == 401);
    if signed_out {
        return log_in(&visit);
    }
    let sentence = trouble.sentence(visit.words);
    if visit.partial {
        let mut answer = response.status().into_response();
        toast(&mut answer, "error", &sentence);
        return answer;
    }
    let page =
        TroublePage { w: visit.words, theme: visit.theme, status: trouble.status(), sentence };
    let html = page.render().unwrap_or_default();
    (response.status(), axum::response::Html(html)).into_response()
}

/// Has the page show a short message.
pub(crate) fn toast(response: &mut Response, kind: &str, text: &str) {
    let value = serde_json::json!({ "toast": { "kind": kind, "text": text } }).to_string();
    // Header values are ASCII: everything else is written as JSON escapes it.
    let mut ascii = String::with_capacity(value.len());
    for unit in value.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => ascii.push(char::from(byte)),
            _ => ascii.push_str(&format!("\\u{unit:04x}")),
        }
    }
    if let Ok(value) = HeaderValue::try_from(ascii) {
        response.headers_mut().insert(HeaderName::from_static("hx-trigger"), value);
    }
}

fn log_in(visit: &Visit) -> Response {
    let to = links::log_in(&visit.path);
    let value = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static(links::LOG_IN));
    if visit.partial {
        return (StatusCode::OK, [(HeaderName::from_static("hx-redirect"), value)]).into_response();
    }
    (StatusCode::SEE_OTHER, [(LOCATION, value)]).into_response()
}
