//! `/console/alerts`: what somebody should know, the bell's count of it, and saying that one knows.

mod said;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{Html, IntoResponse, Response};
use domain::time::UnixMillis;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::api::{Api, List, with_query};
use crate::form::Form;
use crate::format::moment;
use crate::frame::Frame;
use crate::language::{Message, Words};
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// How many of the newest the bell counts.
const COUNTED: usize = 100;

/// Something that somebody should know.
#[derive(Deserialize)]
pub(crate) struct Alert {
    pub(crate) id: String,
    kind: String,
    severity: String,
    subject: String,
    /// The API's own words.
    text: String,
    #[serde(default)]
    numbers: Map<String, Value>,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) raised_at: UnixMillis,
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(crate) resolved_at: Option<UnixMillis>,
    #[serde(default, deserialize_with = "moment::maybe")]
    acknowledged_at: Option<UnixMillis>,
}

#[derive(Template)]
#[template(path = "pages/alerts.html")]
struct Alerts {
    page: Frame,
    alerts: List<Alert>,
    wanted: Wanted,
}

impl Alerts {
    fn any_new(&self) -> bool {
        self.alerts.data.iter().any(Alert::is_new)
    }

    fn next(&self, cursor: &str) -> String {
        with_query(links::ALERTS, &[("state", &self.wanted.state), ("cursor", cursor)])
    }
}

/// Which alerts.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    state: String,
    cursor: String,
}

impl Alert {
    /// How grave it is, as a tone.
    pub(crate) fn tone(&self) -> &'static str {
        match self.severity.as_str() {
            _ if self.resolved_at.is_some() => "off",
            "critical" => "bad",
            "warning" => "warn",
            _ => "new",
        }
    }

    /// What happened, in the visitor's language, else in the API's own words.
    pub(crate) fn said(&self, words: Words) -> String {
        said::said(words, &self.kind, &self.numbers).unwrap_or_else(|| self.text.clone())
    }

    /// What it is about.
    pub(crate) fn kind_name(&self) -> Message {
        kind_name(&self.kind)
    }

    /// Whether nobody said yet that they know.
    pub(crate) const fn is_new(&self) -> bool {
        self.acknowledged_at.is_none()
    }

    /// The token that it is about.
    pub(crate) fn token(&self) -> Option<&str> {
        Some(self.subject.as_str()).filter(|id| id.starts_with("key_"))
    }
}

/// What a kind of alert is called.
pub(super) fn kind_name(kind: &str) -> Message {
    match kind {
        "soft_limit" => Message("alert-kind-soft-limit"),
        "usage_threshold" => Message("alert-kind-usage"),
        "balance_low" => Message("alert-kind-balance"),
        "key_expiring" => Message("alert-kind-expiring"),
        "anomaly" => Message("alert-kind-anomaly"),
        "channel_down" => Message("alert-kind-channel"),
        _ => Message("alert-kind-suspect"),
    }
}

/// The newest that nobody acknowledged.
pub(crate) async fn unread(api: &Api) -> Result<Vec<Alert>, Trouble> {
    let limit = COUNTED.to_string();
    let path = with_query("/api/v1/alerts", &[("limit", limit.as_str())]);
    let found: Option<List<Alert>> = api.find(&path).await?;
    let alerts = found.map_or_else(Vec::new, |found| found.data);
    Ok(alerts.into_iter().filter(Alert::is_new).collect())
}

pub(crate) async fn page(
    user: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let state =
        if matches!(wanted.state.as_str(), "open" | "resolved") { &wanted.state } else { "" };
    let asked = [("limit", "25"), ("state", state), ("cursor", &wanted.cursor)];
    let alerts = user.api().get(&with_query("/api/v1/alerts", &asked)).await?;
    let alerts = Alerts { page: user.frame(links::ALERTS), alerts, wanted };
    alerts.page.show(&alerts)
}

/// The bell's number, which every page asks for.
pub(crate) async fn count(user: SignedIn) -> Result<Response, Trouble> {
    let text = match unread(user.api()).await?.len() {
        0 => String::new(),
        count if count >= COUNTED => "99+".to_owned(),
        count => count.to_string(),
    };
    Ok(Html(text).into_response())
}

pub(crate) async fn acknowledge(
    user: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let path = format!("/api/v1/alerts/{id}/acknowledge");
    let alert = user.api().act::<Alert>(&path).await?.body;
    let page = user.frame(links::ALERTS);
    let kind = page.say(alert.kind_name()).into_owned();
    let back = links::safe_next(form.text("back"));
    Ok(page.go(back, Notice::new(Message("alert-acknowledged"), kind)))
}

pub(crate) async fn acknowledge_all(user: SignedIn) -> Result<Response, Trouble> {
    let unread = unread(user.api()).await?;
    for alert in &unread {
        user.api().act::<Alert>(&format!("/api/v1/alerts/{}/acknowledge", alert.id)).await?;
    }
    let page = user.frame(links::ALERTS);
    let notice = Notice::new(Message("alert-all-acknowledged"), unread.len().to_string());
    Ok(page.go(links::ALERTS, notice))
}
