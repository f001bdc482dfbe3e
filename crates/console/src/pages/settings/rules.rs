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
    #[serde(default)]
    etag: String,
}

/// A key to choose.
#[derive(Deserialize)]
pub(super) struct Key {
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
    /// Of one that there is: its kind is fixed.
    editing: Option<String>,
}

impl RuleForm<'_> {
    /// Where it is posted to.
    fn action(&self) -> String {
        let part =
            self.editing.as_ref().map_or_else(|| "new".to_owned(), |id| format!("{id}/edit"));
        format!("{}/rules/{part}", links::ALERT_SETTINGS)
    }
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

    /// It in its form.
    fn form(&self) -> Form {
        let member = |name: &str| self.scope.get(name).and_then(Value::as_str);
        let scope = member("key_id").or_else(|| member("user_id"));
        let tag = member("tag");
        let other = if tag.is_some() { "tag" } else { "all" };
        let form = Form::of([
            ("kind", self.kind.as_str()),
            ("threshold", self.threshold.as_ref().map_or("", |it| it.get())),
            ("scope", scope.unwrap_or(other)),
            ("tag", tag.unwrap_or_default()),
            ("etag", &self.etag),
        ]);
        self.destinations.iter().fold(form, |form, id| form.with("destinations", id.as_str()))
    }

    /// What it watches: a key by its name, where that is known.
    pub(super) fn watches(&self, keys: &[Key], words: Words) -> String {
        let member = |name: &str| self.scope.get(name).and_then(Value::as_str);
        match member("key_id").or_else(|| member("user_id")) {
            Some(id) => {
                keys.iter().find(|key| key.id == id).map_or(id, |key| key.name.as_str()).to_owned()
            }
            None => match member("tag") {
                Some(tag) => format!("#{tag}"),
                None => words.t("settings-everything").into_owned(),
            },
        }
    }
}

pub(crate) async fn form(user: SignedIn) -> Result<Response, Trouble> {
    show(user, Form::of([("kind", "usage_threshold"), ("threshold", "80"), ("scope", "all")]), None)
        .await
}

pub(crate) async fn create(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    match user.api().post::<_, Anything>("/api/v1/alert-rules", &json(&form)).await {
        Ok(_) => Ok(saved(&user, kind_name(form.text("kind")))),
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            show(user, form, None).await
        }
    }
}

pub(crate) async fn edit_form(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let rules: List<Rule> = user.api().get("/api/v1/alert-rules").await?;
    let rule = rules.data.into_iter().find(|rule| rule.id == id).ok_or(Trouble::NoSuchPage)?;
    show(user, rule.form(), Some(id)).await
}

pub(crate) async fn edit(
    user: SignedIn,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let words = user.visit.words;
    if form.text("threshold").is_empty() && has_threshold(form.text("kind")) {
        // An edit that leaves it out would keep the old one, without a word.
        form.fail("threshold", words.say(Message("form-required")));
        return show(user, form, Some(id)).await;
    }
    let seen = form.text("etag").to_owned();
    match user.api().patch::<_, Rule>(&path(&id), &json(&form), Some(&seen)).await {
        Ok(reply) => Ok(saved(&user, reply.body.name())),
        Err(trouble) => {
            form.refused(trouble, words)?;
            show(user, form, Some(id)).await
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
    Ok(saved(&user, rule.name()))
}

/// What the form says, as the API takes it.
fn json(form: &Form) -> Value {
    let scope = match form.text("scope") {
        "tag" => json!({ "tag": form.text("tag") }),
        "" | "all" => json!("all"),
        id if id.starts_with("usr_") => json!({ "user_id": id }),
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
    object(members)
}

fn saved(user: &SignedIn, name: Message) -> Response {
    let name = user.visit.words.say(name).into_owned();
    let notice = Notice::new(Message("settings-thing-saved"), name);
    user.frame(links::SETTINGS).go(links::ALERT_SETTINGS, notice)
}

pub(super) fn path(id: &str) -> String {
    format!("/api/v1/alert-rules/{id}")
}

fn has_threshold(kind: &str) -> bool {
    matches!(kind, "usage_threshold" | "balance_low" | "key_expiring" | "anomaly")
}

/// The newest keys.
pub(super) async fn choosable_keys(user: &SignedIn) -> Result<Vec<Key>, Trouble> {
    let keys: Option<List<Key>> = user.api().find("/v1/api-keys?limit=100").await?;
    Ok(keys.map_or_else(Vec::new, |keys| keys.data))
}

async fn show(user: SignedIn, form: Form, editing: Option<String>) -> Result<Response, Trouble> {
    let all = if user.me.is_operator() { KINDS.len() } else { KINDS.len() - 2 };
    let kinds = KINDS.iter().take(all).map(|kind| (*kind, kind_name(kind))).collect();
    let mut keys = choosable_keys(&user).await?;
    let watched = form.text("scope");
    let choosable = ["", "all", "tag"].contains(&watched) || keys.iter().any(|it| it.id == watched);
    if !choosable {
        keys.push(Key { id: watched.to_owned(), name: watched.to_owned() });
    }
    let destinations: List<Destination> = user.api().get("/api/v1/alert-destinations").await?;
    let destinations = destinations.data;
    let page = frame(&user);
    let title =
        if editing.is_some() { page.t("settings-rule-edit") } else { page.t("settings-rule-new") };
    let content = Frame::part(&RuleForm { page: &page, form, kinds, keys, destinations, editing })?;
    page.dialog(title, content)
}
