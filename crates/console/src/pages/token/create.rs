//! `/console/token/new`: the form for a new token, and its value, once.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::list::{Group, groups};
use super::snippets::{Snippet, snippets};
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
    pub(super) permissions: &'static [&'static str],
    pub(super) advanced: &'static [&'static str],
}

#[derive(Template)]
#[template(path = "pages/token/created.html")]
struct Created<'a> {
    page: &'a Frame,
    key: CreatedKey,
    snippets: Vec<Snippet>,
}

#[derive(Deserialize)]
struct CreatedKey {
    id: String,
    name: String,
    /// None where the request was repeated.
    key: Option<String>,
    #[serde(default)]
    allowed_models: Vec<String>,
}

#[derive(Deserialize)]
struct Price {
    model: String,
}

impl TermsForm<'_> {
    /// A choice of days as a number, for its plural.
    fn days(&self, text: &str) -> i64 {
        text.parse().unwrap_or(0)
    }
}

pub(crate) async fn page(user: SignedIn) -> Result<Response, Trouble> {
    show(user, terms::defaults()).await
}

pub(crate) async fn submit(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
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
            return show(user, form).await;
        }
    };
    let model = match key.allowed_models.iter().find(|model| !model.contains('*')) {
        Some(model) => model.clone(),
        None => first_model(&user).await?,
    };
    let base = user.visit.base_url.clone();
    let page = user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"));
    let snippets = snippets(&base, key.key.as_deref().unwrap_or("sk-…"), &model);
    let title = page.t("token-created-title");
    let content = Frame::part(&Created { page: &page, key, snippets })?;
    page.dialog(title, content)
}

/// A model that there is a price for, else one that everybody knows.
async fn first_model(user: &SignedIn) -> Result<String, Trouble> {
    let prices: Option<List<Price>> = user.api().find("/api/v1/prices?limit=1").await?;
    let first = prices.and_then(|prices| prices.data.into_iter().next());
    Ok(first.map_or_else(|| "gpt-5-mini".to_owned(), |price| price.model))
}

async fn show(user: SignedIn, form: Form) -> Result<Response, Trouble> {
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
        permissions: terms::PERMISSIONS,
        advanced: terms::ADVANCED,
    })?;
    page.dialog(title, content)
}
