//! `/console/token/{id}/leaked`: what will happen, how far, and then the report and the token in
//! its place, whose value is shown once.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::time::UnixMillis;
use serde::Deserialize;
use serde_json::{Value, json};

use super::edit::path;
use super::key::Key;
use super::leak::{Leak, Report};
use crate::api::with_query;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

const HOUR: i64 = 3_600_000;

/// Since when the calls may be another's, in hours.
const SINCE: &[(&str, Message)] = &[
    ("1", Message("leak-since-hour")),
    ("24", Message("leak-since-day")),
    ("168", Message("leak-since-week")),
    ("720", Message("leak-since-month")),
];

#[derive(Template)]
#[template(path = "pages/token/leaked.html")]
struct Ask<'a> {
    page: &'a Frame,
    key: Key,
    form: Form,
    since: &'static [(&'static str, Message)],
    /// What it did in the last day.
    report: Report,
}

#[derive(Template)]
#[template(path = "pages/token/leaked_done.html")]
struct Done<'a> {
    page: &'a Frame,
    done: Compromised,
}

#[derive(Deserialize)]
struct Compromised {
    key: Key,
    frozen: bool,
    #[serde(default)]
    replacement: Option<Replacement>,
    #[serde(default)]
    report: Option<Report>,
}

#[derive(Deserialize)]
struct Replacement {
    id: String,
    #[serde(default)]
    key: Option<String>,
}

pub(crate) async fn page(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    ask(user, &id, Form::of([("since", "24"), ("replace", "yes")])).await
}

pub(crate) async fn submit(
    user: SignedIn,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let mut body = vec![
        ("since", since(form.text("since"), user.visit.now)),
        ("freeze_balance", json!(form.has("freeze_balance", "yes"))),
        ("replace", json!(form.has("replace", "yes"))),
    ];
    if !form.text("note").is_empty() {
        body.push(("note", form.json("note")));
    }
    let path = format!("{}/compromised", path(&id));
    match user.api().post::<_, Compromised>(&path, &object(body)).await {
        Ok(reply) => {
            let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
            let title = page.t1("leak-done-title", "name", &reply.body.key.name);
            let content = Frame::part(&Done { page: &page, done: reply.body })?;
            page.dialog(title, content)
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            ask(user, &id, form).await
        }
    }
}

async fn ask(user: SignedIn, id: &str, form: Form) -> Result<Response, Trouble> {
    let key: Key = user.api().get(&path(id)).await?;
    let yesterday = since("24", user.visit.now);
    let asked = [("since", yesterday.as_str().unwrap_or_default())];
    let leak: Leak =
        user.api().get(&with_query(&format!("{}/compromised", path(id)), &asked)).await?;
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let title = page.t1("leak-title", "name", &key.name);
    let content = Frame::part(&Ask { page: &page, key, form, since: SINCE, report: leak.report })?;
    page.dialog(title, content)
}

/// So many hours ago.
fn since(hours: &str, now: UnixMillis) -> Value {
    let hours = hours.parse::<i64>().unwrap_or(24).clamp(1, 24 * 365);
    json!(now.plus(-hours * HOUR).to_string())
}
