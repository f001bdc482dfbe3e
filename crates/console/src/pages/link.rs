//! `/console/setup`, `/console/invite` and `/console/reset`: the pages behind one-time links. The
//! link's secret stands behind its `#`, which only the script can read.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::log_in::{is_unguarded, lead_on};
use crate::form::{Form, object};
use crate::language::{Language, Message, Words};
use crate::trouble::Trouble;
use crate::visit::{Theme, Visit};
use crate::{links, ui};

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    SetUp,
    Invitation,
    Reset,
}

/// What the API says about it.
#[derive(Deserialize)]
struct Done {
    #[serde(default)]
    signed_in: bool,
}

#[derive(Template)]
#[template(path = "pages/link.html")]
struct LinkPage {
    w: Words,
    theme: Theme,
    here: &'static str,
    languages: [Language; 2],
    version: String,
    title: Message,
    lead: Message,
    button: Message,
    form: Form,
    /// Whether name and e-mail address can be chosen.
    asks_name: bool,
    unguarded: bool,
}

pub(crate) async fn set_up(visit: Visit) -> Result<Response, Trouble> {
    show(visit, Purpose::SetUp, Form::default(), StatusCode::OK)
}

pub(crate) async fn invitation(visit: Visit) -> Result<Response, Trouble> {
    show(visit, Purpose::Invitation, Form::default(), StatusCode::OK)
}

pub(crate) async fn reset(visit: Visit) -> Result<Response, Trouble> {
    show(visit, Purpose::Reset, Form::default(), StatusCode::OK)
}

pub(crate) async fn submit_set_up(visit: Visit, form: Form) -> Result<Response, Trouble> {
    submit(visit, Purpose::SetUp, form).await
}

pub(crate) async fn submit_invitation(visit: Visit, form: Form) -> Result<Response, Trouble> {
    submit(visit, Purpose::Invitation, form).await
}

pub(crate) async fn submit_reset(visit: Visit, form: Form) -> Result<Response, Trouble> {
    submit(visit, Purpose::Reset, form).await
}

async fn submit(visit: Visit, purpose: Purpose, mut form: Form) -> Result<Response, Trouble> {
    let password = form.all("password").first().copied().unwrap_or_default().to_owned();
    // A whole link that was pasted is as good as its secret.
    let token = form.text("token").rsplit('#').next().unwrap_or_default().to_owned();
    let mut body = vec![("token", json!(token)), ("password", json!(password))];
    for name in ["name", "email"] {
        if !form.text(name).is_empty() {
            body.push((name, json!(form.text(name))));
        }
    }
    let problem = match visit.api.post::<_, Done>("/api/v1/setup", &object(body)).await {
        Ok(reply) => {
            let to = if reply.body.signed_in { links::HOME } else { links::LOG_IN };
            return Ok(lead_on(&visit, to, reply.cookies));
        }
        Err(Trouble::Refused(problem)) => problem,
        Err(trouble) => return Err(trouble),
    };
    form.take(&problem, visit.words);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
    show(visit, purpose, form, status)
}

fn show(
    visit: Visit,
    purpose: Purpose,
    form: Form,
    status: StatusCode,
) -> Result<Response, Trouble> {
    let (title, lead, button, here) = match purpose {
        Purpose::SetUp => (
            Message("link-setup-title"),
            Message("link-setup-lead"),
            Message("link-setup-button"),
            links::SET_UP,
        ),
        Purpose::Invitation => (
            Message("link-invitation-title"),
            Message("link-invitation-lead"),
            Message("link-invitation-button"),
            links::INVITATION,
        ),
        Purpose::Reset => (
            Message("link-reset-title"),
            Message("link-reset-lead"),
            Message("link-reset-button"),
            links::RESET,
        ),
    };
    let page = LinkPage {
        w: visit.words,
        theme: visit.theme,
        here,
        languages: Language::ALL,
        title,
        lead,
        button,
        form,
        asks_name: purpose != Purpose::Reset,
        unguarded: is_unguarded(&visit.base_url),
        version: visit.version,
    };
    Ok((status, Html(page.render().map_err(Trouble::unreadable)?)).into_response())
}
