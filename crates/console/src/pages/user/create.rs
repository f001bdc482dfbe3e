//! `/console/user/new`: an invitation, whose link is shown once.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::operator::{Operator, once};
use crate::pages::token::list::{Group, groups};
use crate::trouble::Trouble;
use crate::ui;
use crate::visit::SignedIn;

/// The form, of a new user or of one that there is.
#[derive(Template)]
#[template(path = "pages/user/form.html")]
pub(super) struct UserForm<'a> {
    pub(super) page: &'a Frame,
    pub(super) form: Form,
    pub(super) groups: Vec<Group>,
    /// Where it is posted to.
    pub(super) action: String,
    /// Where "Cancel" leads.
    pub(super) back: String,
    pub(super) editing: bool,
}

/// A link that is shown once.
#[derive(Template)]
#[template(path = "pages/user/link.html")]
pub(super) struct OneLink<'a> {
    pub(super) page: &'a Frame,
    pub(super) title: Message,
    pub(super) text: Message,
    pub(super) name: String,
    /// None where the request was repeated.
    pub(super) url: Option<String>,
    pub(super) back: String,
}

#[derive(Deserialize)]
struct Created {
    id: String,
    name: String,
    invite_url: Option<String>,
}

pub(crate) async fn page(Operator(user): Operator) -> Result<Response, Trouble> {
    let form = Form::of([
        ("role", "member"),
        ("tier", "standard"),
        ("groups", "default"),
        ("credit", "balance"),
    ]);
    let form = form.with("once", once(&user));
    show(user, form).await
}

pub(crate) async fn submit(Operator(user): Operator, mut form: Form) -> Result<Response, Trouble> {
    let key = form.text("once").to_owned();
    let body = object(terms(&form));
    match user.api().post_once::<_, Created>("/api/v1/users", &body, &key).await {
        Ok(reply) => {
            let made = reply.body;
            let base = user.visit.base_url.clone();
            let page = user.frame(links::USERS).under(links::USERS, Message("user-nav"));
            let title = page.t("user-invited-title");
            let content = Frame::part(&OneLink {
                page: &page,
                title: Message("user-invited-title"),
                text: Message("user-invited-text"),
                name: made.name,
                url: made.invite_url.map(|url| absolute(&base, &url)),
                back: links::part(links::USERS, &made.id, ""),
            })?;
            page.dialog(title, content)
        }
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            show(user, form).await
        }
    }
}

/// What making and editing a user have in common.
pub(super) fn terms(form: &Form) -> Vec<(&'static str, Value)> {
    let mut terms = vec![
        ("name", json!(form.text("name"))),
        ("tier", form.json("tier")),
        ("groups", json!(form.entries("groups"))),
        ("credit", form.json("credit")),
        ("email", form.json("email")),
    ];
    // Only an owner with every scope hands roles out: what is not changed is not sent.
    if form.text("role") != form.text("role_before") {
        terms.push(("role", form.json("role")));
    }
    terms
}

/// A link of this deployment that can be sent to somebody.
pub(super) fn absolute(base: &str, url: &str) -> String {
    if url.starts_with('/') { format!("{base}{url}") } else { url.to_owned() }
}

async fn show(user: SignedIn, form: Form) -> Result<Response, Trouble> {
    let groups = groups(&user).await?;
    let page = user.frame(links::USERS).under(links::USERS, Message("user-nav"));
    let title = page.t("user-create-title");
    let content = Frame::part(&UserForm {
        page: &page,
        form,
        groups,
        action: links::NEW_USER.to_owned(),
        back: links::USERS.to_owned(),
        editing: false,
    })?;
    page.dialog(title, content)
}
