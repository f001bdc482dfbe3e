//! When alerts are raised.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::destinations::Destination;
use super::notify::frame;
use super::watched::{self, Key, Watched};
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

#[derive(Template)]
#[template(path = "pages/settings/rule_form.html")]
struct RuleForm<'a> {
    page: &'a Frame,
    form: Form,
    kinds: Vec<(&'static str, Message)>,
    /// Some tokens to choose from; any other can be typed.
    keys: Vec<Key>,
    destinations: Vec<Destination>,
    /// Who is watched, where it is a person.
    person: Option<String>,
    /// Of one that there is: its kind is fixed.
    editing: Option<String>,
}

impl RuleForm<'_> {
    /// The person that is watched; the form keeps that.
    fn person(&self) -> Option<&str> {
        self.person.as_deref()
    }

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
            "usage_threshold" => format!("{threshold}%"),
            "balance_low" => format!("${threshold}"),
            "key_expiring" => words.t1("settings-days-before", "count", threshold),
            _ => format!("{threshold} ×"),
        }
    }

    /// It in its form.
    fn form(&self, watched: &[Watched], words: Words) -> Form {
        let member = |name: &str| self.scope.get(name).and_then(Value::as_str);
        let tag = member("tag");
        let scope = match (member("key_id"), member("user_id"), tag) {
            (Some(_), _, _) => "key",
            (_, Some(user), _) => user,
            (_, _, Some(_)) => "tag",
            _ => "all",
        };
        let key = member("key_id").map(|_| watched::text(&self.scope, watched, words));
        let form = Form::of([
            ("kind", self.kind.as_str()),
            ("threshold", self.threshold.as_ref().map_or("", |it| it.get())),
            ("scope", scope),
            ("key", key.as_deref().unwrap_or_default()),
            ("tag", tag.unwrap_or_default()),
            ("etag", &self.etag),
        ]);
        self.destinations.iter().fold(form, |form, id| form.with("destinations", id.as_str()))
    }

    /// What it watches: a token or a person by its name.
    pub(super) fn watches(&self, watched: &[Watched], words: Words) -> String {
        watched::text(&self.scope, watched, words)
    }

    /// The same in the API's words.
    pub(super) const fn scope(&self) -> &Value {
        &self.scope
    }
}

pub(crate) async fn form(user: SignedIn) -> Result<Response, Trouble> {
    show(user, Form::of([("kind", "usage_threshold"), ("threshold", "80"), ("scope", "all")]), None)
        .await
}

pub(crate) async fn create(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    let Some(scope) = watched::chosen(&user, &mut form).await? else {
        return show(user, form, None).await;
    };
    match user.api().post::<_, Anything>("/api/v1/alert-rules", &json(&form, scope)).await {
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
    let watched = watched::of(&user, [&rule]).await?;
    let form = rule.form(&watched, user.visit.words);
    show(user, form, Some(id)).await
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
    let Some(scope) = watched::chosen(&user, &mut form).await? else {
        return show(user, form, Some(id)).await;
    };
    let seen = form.text("etag").to_owned();
    match user.api().patch::<_, Rule>(&path(&id), &json(&form, scope), Some(&seen)).await {
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
fn json(form: &Form, scope: Value) -> Value {
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

async fn show(user: SignedIn, form: Form, editing: Option<String>) -> Result<Response, Trouble> {
    let all = if user.me.is_operator() { KINDS.len() } else { KINDS.len() - 2 };
    let kinds = KINDS.iter().take(all).map(|kind| (*kind, kind_name(kind))).collect();
    let keys = watched::keys(&user, form.text("key")).await?;
    let person = watched::person(&user, form.text("scope")).await?;
    let destinations: List<Destination> = user.api().get("/api/v1/alert-destinations").await?;
    let destinations = destinations.data;
    let page = frame(&user);
    let title =
        if editing.is_some() { page.t("settings-rule-edit") } else { page.t("settings-rule-new") };
    let form = RuleForm { page: &page, form, kinds, keys, destinations, person, editing };
    let content = Frame::part(&form)?;
    page.dialog(title, content)
}
