//! `/console/token/new`: the form for a new token, and its value, once.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::key::Key;
use super::list::{Group, groups};
use super::snippets::{Snippet, snippets};
use super::templates::KeyTemplate;
use super::terms;
use crate::api::List;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// The form, of a new token or of one that there is.
#[derive(Template)]
#[template(path = "pages/token/form.html")]
pub(super) struct TermsForm<'a> {
    pub(super) page: &'a Frame,
    pub(super) form: Form,
    pub(super) groups: Vec<Group>,
    /// Where it is posted to.
    pub(super) action: String,
    /// Where "Cancel" leads.
    pub(super) back: String,
    /// Of a token that there is: what is fixed is not asked for.
    pub(super) editing: bool,
    /// Of a template: what is left open stays open.
    pub(super) templating: bool,
    pub(super) permissions: &'static [&'static str],
    pub(super) advanced: &'static [&'static str],
    pub(super) name_parts: &'static [&'static str],
    /// What a new token can begin with.
    pub(super) templates: Vec<KeyTemplate>,
    pub(super) template: String,
}

/// Which template to begin with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    template: String,
}

#[derive(Template)]
#[template(path = "pages/token/created.html")]
struct Created<'a> {
    page: &'a Frame,
    key: CreatedKey,
    texts: Texts,
    snippets: Vec<Snippet>,
    model: String,
}

/// What is said about a value that is shown.
pub(super) struct Texts {
    pub(super) title: Message,
    pub(super) strong: Message,
    pub(super) text: Message,
}

/// A key with its value.
#[derive(Deserialize)]
pub(super) struct CreatedKey {
    pub(super) id: String,
    pub(super) name: String,
    /// None where the request was repeated.
    pub(super) key: Option<String>,
    #[serde(default)]
    allowed_models: Vec<String>,
}

#[derive(Deserialize)]
struct Price {
    model: String,
}

impl CreatedKey {
    /// A key whose value is known.
    pub(super) fn known(key: Key, value: String) -> Self {
        let Key { id, name, allowed_models, .. } = key;
        Self { id, name, key: Some(value), allowed_models }
    }
}

impl TermsForm<'_> {
    /// A choice of days as a number, for its plural.
    fn days(&self, text: &str) -> i64 {
        text.parse().unwrap_or(0)
    }

    /// A lifetime of the form's that is none of the choices: the choice of it, and how to say it.
    fn odd_lifetime(&self, choices: &[&str]) -> Option<(String, String)> {
        let chosen = self.form.text("expires");
        if choices.contains(&chosen) {
            return None;
        }
        let said = match chosen.strip_suffix('s') {
            Some(seconds) => ("token-in-seconds", seconds.parse::<i64>().ok()?),
            None => ("token-in-days", chosen.parse().ok()?),
        };
        Some((chosen.to_owned(), self.page.t1(said.0, "count", said.1)))
    }
}

pub(crate) async fn page(user: SignedIn, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    show(user, None, asked.template).await
}

pub(crate) async fn submit(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    terms::check_expiry(&mut form, user.visit.words, Some(user.visit.now));
    if form.is_wrong() {
        return show(user, Some(form), String::new()).await;
    }
    let mut body = terms::json(&form, user.visit.now);
    body.push(("billing_method", json!(form.text("billing_method"))));
    if !form.text("owner").is_empty() {
        body.push(("owner", json!(form.text("owner"))));
    }
    let words = user.visit.words;
    let key = match user.api().post::<_, CreatedKey>("/v1/api-keys", &object(body)).await {
        Ok(reply) => reply.body,
        Err(trouble) => {
            form.refused(trouble, words)?;
            return show(user, Some(form), String::new()).await;
        }
    };
    let texts = Texts {
        title: Message("token-created-title"),
        strong: Message("token-copy-now"),
        text: Message("token-copy-now-text"),
    };
    shown(user, key, texts).await
}

/// A value and what to do with it.
pub(super) async fn shown(
    user: SignedIn,
    key: CreatedKey,
    texts: Texts,
) -> Result<Response, Trouble> {
    let model = match key.allowed_models.iter().find(|model| !model.contains('*')) {
        Some(model) => model.clone(),
        None => first_model(&user).await?,
    };
    let base = user.visit.base_url.clone();
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let snippets = snippets(&base, key.key.as_deref().unwrap_or("sk-…"), &model);
    let title = page.say(texts.title);
    let content = Frame::part(&Created { page: &page, key, texts, snippets, model })?;
    page.dialog(title, content)
}

/// A model that there is a price for, else one that everybody knows.
async fn first_model(user: &SignedIn) -> Result<String, Trouble> {
    let prices: Option<List<Price>> = user.api().find("/api/v1/prices?limit=1").await?;
    let first = prices.and_then(|prices| prices.data.into_iter().next());
    Ok(first.map_or_else(|| "gpt-5-mini".to_owned(), |price| price.model))
}

async fn show(user: SignedIn, form: Option<Form>, template: String) -> Result<Response, Trouble> {
    let templates = super::templates::all(&user).await?;
    let chosen = templates.iter().find(|known| known.name == template);
    let form = form.unwrap_or_else(|| {
        chosen.map_or_else(terms::defaults, |chosen| terms::after(&chosen.fields))
    });
    let groups = groups(&user).await?;
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let title = page.t("token-create-title");
    let content = Frame::part(&TermsForm {
        page: &page,
        form,
        groups,
        action: links::NEW_TOKEN.to_owned(),
        back: links::TOKENS.to_owned(),
        editing: false,
        templating: false,
        permissions: terms::PERMISSIONS,
        advanced: terms::ADVANCED,
        name_parts: terms::NAME_PARTS,
        templates,
        template,
    })?;
    page.dialog(title, content)
}
