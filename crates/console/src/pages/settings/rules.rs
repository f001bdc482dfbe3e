//! When alerts are raised.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::destinations::Destination;
use super::notify::frame;
use crate::api::{Anything, List};
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::{Message, Words};
use crate::notice::Notice;
use crate::pages::alerts::kind_name;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// What a rule can watch for; the last two are the operators'.
const KINDS: [&str; 7] = [
    "usage_threshold",
    "balance_low",
    "key_expiring",
    "anomaly",
    "soft_limit",
    "channel_down",
    "call_suspect",
];

/// A rule.
#[derive(Deserialize)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) kind: String,
    #[serde(default)]
    threshold: Option<Box<RawValue>>,
    scope: Value,
    pub(super) destinations: Vec<String>,
    pub(super) disabled: bool,
}

/// A key to choose.
#[derive(Deserialize)]
struct Key {
    id: String,
    name: String,
}

#[derive(Template)]
#[template(path = "pages/settings/rule_form.html")]
struct RuleForm<'a> {
    page: &'a Frame,
    form: Form,
    kinds: Vec<(&'static str, Message)>,
    keys: Vec<Key>,
    destinations: Vec<Destination>,
}

impl Rule {
    /// What it is called.
    pub(super) fn name(&self) -> Message {
        kind_name(&self.kind)
    }

    /// From when on.
    pub(super) fn threshold_text(&self, words: Words) -> String {
        let Some(threshold) = &self.threshold else { return "—".to_owned() };
        let threshold = threshold.get();
        match self.kind.as_str() {
            "usage_threshold" => format!("{threshold} %"),
            "balance_low" => format!("${threshold}"),
            "key_expiring" => words.t1("settings-days-before", "count", threshold),
            _ => format!("{threshold} ×"),
        }
    }

    /// What it watches.
    pub(super) fn watches(&self, words: Words) -> String {
        let member = |name: &str| self.scope.get(name).and_then(Value::as_str);
        match member("key_id").or_else(|| member("user_id")) {
            Some(id) => id.to_owned(),
            None => match member("tag") {
                Some(tag) => format!("#{tag}"),
                None => words.t("settings-everything").into_owned(),
            },
        }
    }
}

pub(crate) async fn form(user: SignedIn) -> Result<Response, Trouble> {
    show(user, Form::of([("kind", "usage_threshold"), ("threshold", "80"), ("scope", "all")])).await
}

pub(crate) async fn create(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    let scope = match form.text("scope") {
        "tag" => json!({ "tag": form.text("tag") }),
        "" | "all" => json!("all"),
        key => json!({ "key_id": key }),
    };
    let mut members = vec![
        ("kind", json!(form.text("kind"))),
        ("scope", scope),
        ("destinations", json!(form.all("destinations"))),
    ];
    if !form.text("threshold").is_empty() && has_threshold(form.text("kind")) {
        members.push(("threshold", form.json_usd("threshold")));
    }
    match user.api().post::<_, Anything>("/api/v1/alert-rules", &object(members)).await {
        Ok(_) => {
            let name = user.visit.words.say(kind_name(form.text("kind"))).into_owned();
            let notice = Notice::new(Message("settings-thing-saved"), name);
            Ok(user.frame(links::SETTINGS).go(links::ALERT_SETTINGS, notice))
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            show(user, form).await
        }
    }
}

pub(crate) async fn switch(
    user: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let body = object([("disabled", json!(form.has("disabled", "true")))]);
    let rule = user.api().patch::<_, Rule>(&path(&id), &body, None).await?.body;
    let name = user.visit.words.say(rule.name()).into_owned();
    let notice = Notice::new(Message("settings-thing-saved"), name);
    Ok(user.frame(links::SETTINGS).go(links::ALERT_SETTINGS, notice))
}

pub(crate) async fn delete(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    user.api().delete::<Anything>(&path(&id)).await?;
    let notice = Notice::new(Message("settings-rule-deleted"), "");
    Ok(user.frame(links::SETTINGS).go(links::ALERT_SETTINGS, notice))
}

fn path(id: &str) -> String {
    format!("/api/v1/alert-rules/{id}")
}

fn has_threshold(kind: &str) -> bool {
    matches!(kind, "usage_threshold" | "balance_low" | "key_expiring" | "anomaly")
}

async fn show(user: SignedIn, form: Form) -> Result<Response, Trouble> {
    let all = if user.me.is_operator() { KINDS.len() } else { KINDS.len() - 2 };
    let kinds = KINDS.iter().take(all).map(|kind| (*kind, kind_name(kind))).collect();
    let keys: Option<List<Key>> = user.api().find("/v1/api-keys?limit=100").await?;
    let keys = keys.map_or_else(Vec::new, |keys| keys.data);
    let destinations: List<Destination> = user.api().get("/api/v1/alert-destinations").await?;
    let destinations = destinations.data;
    let page = frame(&user);
    let title = page.t("settings-rule-new").into_owned();
    let content = Frame::part(&RuleForm { page: &page, form, kinds, keys, destinations })?;
    page.dialog(title, content)
}
