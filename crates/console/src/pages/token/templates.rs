//! `/console/token/template`: what new tokens can begin with; listed, made, edited and deleted.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::create::TermsForm;
use super::list::groups;
use super::terms;
use crate::api::{Anything, List, segment, with_query};
use crate::form::Form;
use crate::frame::Frame;
use crate::language::Message;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

/// Fields under a name.
#[derive(Deserialize)]
pub(super) struct KeyTemplate {
    pub(super) name: String,
    pub(super) fields: Map<String, Value>,
    #[serde(default)]
    built_in: bool,
    #[serde(default)]
    etag: Option<String>,
}

/// Which template.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    name: String,
}

#[derive(Template)]
#[template(path = "pages/token/templates.html")]
struct Templates {
    page: Frame,
    templates: Vec<KeyTemplate>,
}

#[derive(Template)]
#[template(path = "pages/token/template_end.html")]
struct Ask<'a> {
    page: &'a Frame,
    name: String,
}

impl KeyTemplate {
    /// What it is called: those that everybody has, in the visitor's language.
    pub(super) fn title(&self, page: &Frame) -> String {
        title(page, &self.name)
    }

    /// The form for a new token that begins with it.
    pub(super) fn link(&self) -> String {
        with_query(links::NEW_TOKEN, &[("template", &self.name)])
    }

    fn edit_link(&self) -> String {
        with_query(links::EDIT_TEMPLATE, &[("name", &self.name)])
    }

    fn delete_link(&self) -> String {
        with_query(links::DELETE_TEMPLATE, &[("name", &self.name)])
    }

    /// What it says, field by field.
    fn says(&self, page: &Frame) -> Vec<(String, String)> {
        let pairs = terms::of_template(&self.fields);
        pairs.into_iter().filter_map(|(name, value)| said(page, &name, value)).collect()
    }
}

/// What a template of this name is called.
pub(super) fn title(page: &Frame, name: &str) -> String {
    let known = match name {
        "development" => Message("token-template-development"),
        "production" => Message("token-template-production"),
        "temporary" => Message("token-template-temporary"),
        own => return own.to_owned(),
    };
    page.say(known).into_owned()
}

/// A field of a form and its value, for people; none where another field says it.
fn said(page: &Frame, name: &str, value: String) -> Option<(String, String)> {
    let usd = |value: String| format!("${value}");
    let (label, value) = match name {
        "permissions" => (Message("token-permissions"), permissions(page, value)),
        "permission" | "soft_limit.window" | "expires_at" => return None,
        "billing_method" => (Message("token-billing"), billing(page, value)),
        "expires" => (Message("token-expires"), expires(page, value)),
        "quota" => (Message("token-quota"), usd(value)),
        "daily_limit.amount" => (Message("token-daily-limit"), usd(value)),
        "monthly_limit.amount" => (Message("token-monthly-limit"), usd(value)),
        "soft_limit.amount" => (Message("token-soft-limit"), usd(value)),
        "daily_limit.requests" => (Message("token-daily-requests"), value),
        "monthly_limit.requests" => (Message("token-monthly-requests"), value),
        "rate_limits.requests_per_minute" => (Message("token-rpm"), value),
        "rate_limits.tokens_per_minute" => (Message("token-tpm"), value),
        "rate_limits.parallel" => (Message("token-parallel"), value),
        "max_tokens_per_request" => (Message("token-max-tokens"), value),
        "allowed_models" => (Message("token-models"), value),
        "ip_allowlist" => (Message("token-ip-allowlist"), value),
        "groups" => (Message("token-groups"), value),
        "tags" => (Message("token-tags"), value),
        "metadata" => (Message("token-metadata"), value),
        "when_short" if value == "refuse" => {
            (Message("token-when-short"), page.t("token-when-short-refuse").into_owned())
        }
        _ => return None,
    };
    (!value.is_empty()).then(|| (page.say(label).into_owned(), value))
}

fn permissions(page: &Frame, preset: String) -> String {
    let known = match preset.as_str() {
        "full" => Message("token-permissions-full"),
        "inference" => Message("token-permissions-inference"),
        "read_only" => Message("token-permissions-read-only"),
        "custom" => Message("token-permissions-custom"),
        _ => return preset,
    };
    page.say(known).into_owned()
}

fn billing(page: &Frame, method: String) -> String {
    let known = match method.as_str() {
        "usage_based" => Message("token-billing-usage"),
        "pay_per_use" | "pay_per_request" => Message("token-billing-per-request"),
        "by_model" => Message("token-billing-by-model"),
        _ => return method,
    };
    page.say(known).into_owned()
}

fn expires(page: &Frame, span: String) -> String {
    if let Ok(days) = span.parse::<i64>() {
        return page.t1("token-in-days", "count", days);
    }
    match span.strip_suffix('s').and_then(|seconds| seconds.parse::<i64>().ok()) {
        Some(seconds) => page.t1("token-in-seconds", "count", seconds),
        None if span == "never" => page.t("token-never-expires").into_owned(),
        None => page.t("token-expires-at").into_owned(),
    }
}

/// The visitor's own, and those that everybody has.
pub(super) async fn all(user: &SignedIn) -> Result<Vec<KeyTemplate>, Trouble> {
    let templates: Option<List<KeyTemplate>> = user.api().find("/api/v1/key-templates").await?;
    Ok(templates.map(|list| list.data).unwrap_or_default())
}

pub(crate) async fn page(user: SignedIn) -> Result<Response, Trouble> {
    let templates = all(&user).await?;
    let page = frame(&user);
    let list = Templates { page, templates };
    list.page.show(&list)
}

pub(crate) async fn form(
    user: SignedIn,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Trouble> {
    if chosen.name.is_empty() {
        return show(user, terms::open()).await;
    }
    let found = all(&user).await?.into_iter().find(|known| known.name == chosen.name);
    let found = found.ok_or(Trouble::NoSuchPage)?;
    let form = Form::of([("name", found.name), ("editing", "yes".to_owned())])
        .with("etag", found.etag.unwrap_or_default());
    show(user, form.before(terms::of_template(&found.fields))).await
}

pub(crate) async fn submit(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    let name = form.text("name").to_owned();
    let words = user.visit.words;
    if name.is_empty() {
        form.fail("name", words.say(Message("form-required")));
        return show(user, form).await;
    }
    let new = !form.has("editing", "yes");
    if new && all(&user).await?.iter().any(|known| known.name == name) {
        form.fail("name", words.say(Message("token-template-exists")));
        return show(user, form).await;
    }
    terms::check_expiry(&mut form, words, Some(user.visit.now));
    if form.is_wrong() {
        return show(user, form).await;
    }
    let body = terms::template_json(&form, user.visit.now);
    let seen = form.text("etag").to_owned();
    match user.api().put_seen::<_, KeyTemplate>(&path(&name), &body, &seen).await {
        Ok(_) => {
            let notice = Notice::new(Message("token-template-saved"), name);
            Ok(user.frame(links::TOKENS).go(links::TEMPLATES, notice))
        }
        Err(trouble) => {
            form.refused(trouble, words)?;
            form.show_at("expires_in_seconds", "expires_at");
            show(user, form).await
        }
    }
}

pub(crate) async fn ask(user: SignedIn, Query(chosen): Query<Chosen>) -> Result<Response, Trouble> {
    if chosen.name.is_empty() {
        return Err(Trouble::NoSuchPage);
    }
    let page = frame(&user).under(links::TEMPLATES, Message("token-template-list"));
    let title = page.t1("token-template-delete-title", "name", &chosen.name);
    let content = Frame::part(&Ask { page: &page, name: chosen.name })?;
    page.dialog(title, content)
}

pub(crate) async fn delete(user: SignedIn, form: Form) -> Result<Response, Trouble> {
    let name = form.text("name").to_owned();
    user.api().delete::<Anything>(&path(&name)).await?;
    let notice = Notice::new(Message("token-template-deleted"), name);
    Ok(user.frame(links::TOKENS).go(links::TEMPLATES, notice))
}

fn frame(user: &SignedIn) -> Frame {
    user.frame(links::TOKENS).under(links::TOKENS, Message("nav-tokens"))
}

fn path(name: &str) -> String {
    format!("/api/v1/key-templates/{}", segment(name))
}

async fn show(user: SignedIn, form: Form) -> Result<Response, Trouble> {
    let groups = groups(&user).await?;
    let page = frame(&user).under(links::TEMPLATES, Message("token-template-list"));
    let editing = form.has("editing", "yes");
    let title = if editing { page.t("token-template-edit") } else { page.t("token-template-new") };
    let content = Frame::part(&TermsForm {
        page: &page,
        form,
        groups,
        action: links::EDIT_TEMPLATE.to_owned(),
        back: links::TEMPLATES.to_owned(),
        editing,
        templating: true,
        permissions: terms::PERMISSIONS,
        advanced: terms::ADVANCED,
        name_parts: terms::NAME_PARTS,
        templates: Vec::new(),
        template: String::new(),
    })?;
    page.dialog(title, content)
}
