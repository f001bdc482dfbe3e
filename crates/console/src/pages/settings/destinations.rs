//! Where alerts are sent: webhooks and mail, a test of each, and what became of its messages.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::time::UnixMillis;
use serde::Deserialize;
use serde_json::json;

use super::notify::frame;
use crate::api::List;
use crate::form::{Form, object};
use crate::format::moment;
use crate::frame::Frame;
use crate::language::Message;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// A destination.
#[derive(Deserialize)]
pub(super) struct Destination {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) address: String,
    pub(super) disabled: bool,
}

#[derive(Deserialize)]
struct Made {
    name: String,
    #[serde(default)]
    secret: Option<String>,
}

#[derive(Deserialize)]
struct Delivery {
    event: String,
    state: String,
    attempts: i64,
    #[serde(default)]
    status: Option<i64>,
    #[serde(default)]
    error: Option<String>,
    #[serde(deserialize_with = "moment::one")]
    created_at: UnixMillis,
}

#[derive(Template)]
#[template(path = "pages/settings/destination_form.html")]
struct DestinationForm<'a> {
    page: &'a Frame,
    title: &'a str,
    form: Form,
    /// Of one that there is: its kind is fixed.
    editing: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/settings/destination_made.html")]
struct Secret<'a> {
    page: &'a Frame,
    name: String,
    secret: String,
}

#[derive(Template)]
#[template(path = "pages/settings/deliveries.html")]
struct Deliveries<'a> {
    page: &'a Frame,
    deliveries: Vec<Delivery>,
    /// Of a message that was sent just now to try it out.
    tested: bool,
}

impl DestinationForm<'_> {
    /// Where it is posted to.
    fn action(&self) -> String {
        let part =
            self.editing.as_ref().map_or_else(|| "new".to_owned(), |id| format!("{id}/edit"));
        format!("{}/destinations/{part}", links::ALERT_SETTINGS)
    }
}

impl Delivery {
    fn badge(&self, page: &Frame) -> ui::Html {
        let (tone, message) = match self.state.as_str() {
            "delivered" => ("good", Message("settings-delivered")),
            "failed" => ("bad", Message("settings-failed")),
            _ => ("new", Message("settings-waiting")),
        };
        ui::badge(tone, page.say(message))
    }
}

pub(crate) async fn form(user: SignedIn) -> Result<Response, Trouble> {
    show(&user, Form::of([("kind", "webhook")]), None)
}

pub(crate) async fn create(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    let body = object(["name", "kind", "address"].map(|name| (name, json!(form.text(name)))));
    match user.api().post::<_, Made>("/api/v1/alert-destinations", &body).await {
        Ok(reply) => made(&user, reply.body),
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            show(&user, form, None)
        }
    }
}

pub(crate) async fn edit_form(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let all: List<Destination> = user.api().get("/api/v1/alert-destinations").await?;
    let found = all.data.into_iter().find(|it| it.id == id).ok_or(Trouble::NoSuchPage)?;
    let form = Form::of([("name", found.name), ("kind", found.kind), ("address", found.address)]);
    show(&user, form, Some(id))
}

pub(crate) async fn edit(
    user: SignedIn,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let mut members =
        vec![("name", json!(form.text("name"))), ("address", json!(form.text("address")))];
    if form.has("new_secret", "true") {
        members.push(("new_secret", json!(true)));
    }
    match user.api().patch::<_, Made>(&path(&id), &object(members), None).await {
        Ok(reply) => made(&user, reply.body),
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            show(&user, form, Some(id))
        }
    }
}

pub(crate) async fn switch(
    user: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let body = object([("disabled", json!(form.has("disabled", "true")))]);
    let made = user.api().patch::<_, Made>(&path(&id), &body, None).await?.body;
    let notice = Notice::new(Message("settings-thing-saved"), made.name);
    Ok(user.frame(links::SETTINGS).go(links::ALERT_SETTINGS, notice))
}

pub(crate) async fn test(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let sent = user.api().act::<Delivery>(&format!("{}/test", path(&id))).await?.body;
    let page = frame(&user);
    let title = page.t("settings-test-title").into_owned();
    let content = Frame::part(&Deliveries { page: &page, deliveries: vec![sent], tested: true })?;
    page.dialog(title, content)
}

pub(crate) async fn deliveries(
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let list: List<Delivery> =
        user.api().get(&format!("{}/deliveries?limit=50", path(&id))).await?;
    let page = frame(&user);
    let title = page.t("settings-deliveries").into_owned();
    let content = Frame::part(&Deliveries { page: &page, deliveries: list.data, tested: false })?;
    page.dialog(title, content)
}

pub(super) fn path(id: &str) -> String {
    format!("/api/v1/alert-destinations/{id}")
}

/// The secret, once, where one was made.
fn made(user: &SignedIn, made: Made) -> Result<Response, Trouble> {
    let page = frame(user);
    let Some(secret) = made.secret else {
        let notice = Notice::new(Message("settings-thing-saved"), made.name);
        return Ok(page.go(links::ALERT_SETTINGS, notice));
    };
    let title = page.t("settings-secret-title").into_owned();
    let content = Frame::part(&Secret { page: &page, name: made.name, secret })?;
    page.dialog(title, content)
}

fn show(user: &SignedIn, form: Form, editing: Option<String>) -> Result<Response, Trouble> {
    let page = frame(user);
    let title = match editing {
        Some(_) => page.t("settings-destination-edit").into_owned(),
        None => page.t("settings-destination-new").into_owned(),
    };
    let content = Frame::part(&DestinationForm { page: &page, title: &title, form, editing })?;
    page.dialog(title, content)
}
