//! `/console/settings`: name, address, language and theme.

use askama::Template;
use axum::response::Response;
use serde_json::{Value, json};

use super::account::Account;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::{Language, Message};
use crate::notice::Notice;
use crate::pages::preferences::keep;
use crate::trouble::Trouble;
use crate::visit::{LANGUAGE, SignedIn, THEME};
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/settings/profile.html")]
struct Profile {
    page: Frame,
    tab: &'static str,
    form: Form,
}

pub(crate) async fn page(user: SignedIn) -> Result<Response, Trouble> {
    let account = Account::of(&user).await?;
    let form = Form::of([
        ("name", account.name),
        ("email", account.email.unwrap_or_default()),
        ("language", account.language.unwrap_or_default()),
        ("theme", account.theme.unwrap_or_default()),
        ("etag", account.etag),
    ]);
    show(user, form)
}

pub(crate) async fn submit(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    let chosen = |name: &str| form.json(name);
    let body = object([
        ("name", json!(form.text("name"))),
        ("email", chosen("email")),
        ("language", chosen("language")),
        ("theme", chosen("theme")),
    ]);
    let seen = form.text("etag").to_owned();
    if let Err(trouble) = user.api().patch::<_, Value>("/api/v1/me", &body, Some(&seen)).await {
        form.refused(trouble, user.visit.words)?;
        return show(user, form);
    }
    let notice = Notice::new(Message("settings-saved"), "");
    let mut response = user.frame(links::SETTINGS).go(links::SETTINGS, notice);
    // This browser follows, also where nobody is logged in.
    let language = Language::named(form.text("language")).map_or("", Language::tag);
    keep(&mut response, LANGUAGE, language);
    let theme = form.text("theme");
    keep(&mut response, THEME, if theme.is_empty() { "auto" } else { theme });
    Ok(response)
}

fn show(user: SignedIn, form: Form) -> Result<Response, Trouble> {
    let page = super::frame(&user);
    let profile = Profile { page, tab: links::SETTINGS, form };
    profile.page.show(&profile)
}
