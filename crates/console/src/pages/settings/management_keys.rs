//! `/console/settings/keys`: management keys with their scopes; a value is shown once.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use domain::scope::Scope;
use domain::time::UnixMillis;
use serde::Deserialize;
use serde_json::json;

use crate::api::{Anything, List, with_query};
use crate::form::{Form, object};
use crate::format::moment;
use crate::frame::Frame;
use crate::language::Message;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

const DAY: i64 = 86_400_000;

#[derive(Template)]
#[template(path = "pages/settings/keys.html")]
struct Keys {
    page: Frame,
    tab: &'static str,
    keys: List<Key>,
    cursor: String,
}

#[derive(Template)]
#[template(path = "pages/settings/key_form.html")]
struct KeyForm<'a> {
    page: &'a Frame,
    form: Form,
    scopes: &'static [Scope],
}

#[derive(Template)]
#[template(path = "pages/settings/key_created.html")]
struct Made<'a> {
    page: &'a Frame,
    name: String,
    value: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/settings/key_revoke.html")]
struct Ask<'a> {
    page: &'a Frame,
    id: &'a str,
    /// None where it is not among the newest: it is revoked all the same.
    key: Option<Key>,
}

#[derive(Deserialize)]
struct Key {
    id: String,
    name: String,
    owner: String,
    owner_name: String,
    masked: String,
    scopes: Vec<String>,
    #[serde(default, deserialize_with = "moment::maybe")]
    expires_at: Option<UnixMillis>,
    #[serde(deserialize_with = "moment::one")]
    created_at: UnixMillis,
}

#[derive(Deserialize)]
struct Created {
    name: String,
    key: Option<String>,
}

/// Which page of the list.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Paged {
    cursor: String,
}

impl Key {
    fn has_all(&self) -> bool {
        self.scopes.len() == Scope::ALL.len()
    }
}

impl KeyForm<'_> {
    /// A choice of days as a number, for its plural.
    fn days(&self, text: &str) -> i64 {
        text.parse().unwrap_or(0)
    }
}

pub(crate) async fn page(user: SignedIn, Query(paged): Query<Paged>) -> Result<Response, Trouble> {
    let asked = [("limit", "25"), ("cursor", paged.cursor.as_str())];
    let keys = user.api().get(&with_query("/api/v1/management-keys", &asked)).await?;
    let page = super::frame(&user);
    let keys = Keys { page, tab: links::MANAGEMENT_KEYS, keys, cursor: paged.cursor };
    keys.page.show(&keys)
}

pub(crate) async fn form(user: SignedIn) -> Result<Response, Trouble> {
    show(user, Form::of([("expires", "90"), ("scopes", "keys:read"), ("scopes", "usage:read")]))
}

pub(crate) async fn create(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    let days: Option<i64> = form.text("expires").parse().ok();
    let expires = days.map(|days| user.visit.now.plus(days.clamp(1, 3_650) * DAY).to_string());
    let body = object([
        ("name", json!(form.text("name"))),
        ("scopes", json!(form.all("scopes"))),
        ("expires_at", json!(expires)),
    ]);
    match user.api().post::<_, Created>("/api/v1/management-keys", &body).await {
        Ok(reply) => {
            let page = frame(&user);
            let title = page.t("settings-key-made").into_owned();
            let Created { name, key } = reply.body;
            let content = Frame::part(&Made { page: &page, name, value: key })?;
            page.dialog(title, content)
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            show(user, form)
        }
    }
}

pub(crate) async fn ask(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let keys: List<Key> = user.api().get("/api/v1/management-keys?limit=100").await?;
    let key = keys.data.into_iter().find(|key| key.id == id);
    let page = frame(&user);
    let title = page.t("settings-key-revoke-title").into_owned();
    let content = Frame::part(&Ask { page: &page, id: &id, key })?;
    page.dialog(title, content)
}

pub(crate) async fn revoke(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    user.api().delete::<Anything>(&format!("/api/v1/management-keys/{id}")).await?;
    let notice = Notice::new(Message("settings-key-revoked"), "");
    Ok(user.frame(links::SETTINGS).go(links::MANAGEMENT_KEYS, notice))
}

fn show(user: SignedIn, form: Form) -> Result<Response, Trouble> {
    let page = frame(&user);
    let title = page.t("settings-key-new").into_owned();
    let content = Frame::part(&KeyForm { page: &page, form, scopes: Scope::ALL })?;
    page.dialog(title, content)
}

fn frame(user: &SignedIn) -> Frame {
    super::frame(user).under(links::MANAGEMENT_KEYS, Message("settings-keys"))
}
