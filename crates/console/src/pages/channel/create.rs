//! `/console/channel/new`: the presets to choose from, then the form with what one of them knows.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

use super::entry::Channel;
use super::terms;
use crate::api::List;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::{Message, Words};
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::{Operator, once};
use crate::pages::token::list::{Group, groups};
use crate::trouble::Trouble;
use crate::ui;
use crate::visit::SignedIn;

/// A service that is known here.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Preset {
    pub(super) name: String,
    title: String,
    pub(super) provider: String,
    pub(super) base_url: Option<String>,
    pub(super) dialects: Vec<String>,
    #[serde(default)]
    pub(super) elsewhere: Vec<Elsewhere>,
    pub(super) ask_usage: bool,
    pub(super) needs_secret: bool,
    #[serde(default)]
    notes: String,
}

/// Another address of a service.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Elsewhere {
    pub(super) base_url: String,
    note: String,
    #[serde(default)]
    code: String,
}

impl Preset {
    /// What it is called.
    pub(super) fn title(&self, words: Words) -> String {
        let known = words.coded("preset-title", &self.name, &BTreeMap::new());
        known.unwrap_or_else(|| self.title.clone())
    }

    /// What to know about it; empty where there is nothing.
    pub(super) fn note(&self, words: Words) -> String {
        let known = words.coded("preset-note", &self.name, &BTreeMap::new());
        known.unwrap_or_else(|| self.notes.clone())
    }
}

impl Elsewhere {
    /// For whom or what it is.
    pub(super) fn note(&self, words: Words) -> String {
        let known = words.coded("preset-elsewhere", &self.code, &BTreeMap::new());
        known.unwrap_or_else(|| self.note.clone())
    }
}

/// Which preset was chosen.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    preset: String,
}

#[derive(Template)]
#[template(path = "pages/channel/presets.html")]
struct Presets<'a> {
    page: &'a Frame,
    presets: Vec<Preset>,
}

/// The form, of a new channel or of one that there is.
#[derive(Template)]
#[template(path = "pages/channel/form.html")]
pub(super) struct ChannelForm<'a> {
    pub(super) page: &'a Frame,
    pub(super) form: Form,
    pub(super) groups: Vec<Group>,
    pub(super) preset: Option<Preset>,
    /// Where it is posted to.
    pub(super) action: String,
    /// Where "Cancel" leads.
    pub(super) back: String,
    /// The channel that there is.
    pub(super) editing: Option<Channel>,
    pub(super) providers: &'static [&'static str],
    pub(super) dialects: Vec<String>,
    pub(super) advanced: &'static [&'static str],
}

pub(crate) async fn page(
    Operator(user): Operator,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Trouble> {
    let presets: List<Preset> = user.api().get("/api/v1/channel-presets").await?;
    if chosen.preset.is_empty() {
        let page = user.frame(links::CHANNELS).under(links::CHANNELS, Message("channel-nav"));
        let title = page.t("channel-create-title");
        let content = Frame::part(&Presets { page: &page, presets: presets.data })?;
        return page.dialog(title, content);
    }
    let preset = presets.data.into_iter().find(|preset| preset.name == chosen.preset);
    let form = terms::of_preset(preset.as_ref()).with("once", once(&user));
    show(user, form, preset).await
}

pub(crate) async fn submit(Operator(user): Operator, mut form: Form) -> Result<Response, Trouble> {
    let mut body = terms::json(&form);
    let secrets = form.lines("secrets");
    if !secrets.is_empty() {
        body.push(("secrets", json!(secrets)));
    }
    let preset = form.text("preset").to_owned();
    if !preset.is_empty() {
        body.push(("preset", json!(preset)));
    }
    let key = form.text("once").to_owned();
    match user.api().post_once::<_, Channel>("/api/v1/channels", &object(body), &key).await {
        Ok(reply) => {
            let notice = Notice::new(Message("channel-notice-created"), reply.body.name.clone());
            Ok(user.frame(links::CHANNELS).go(&reply.body.link(""), notice))
        }
        Err(trouble) => {
            terms::refused(&mut form, trouble, user.visit.words)?;
            let presets: List<Preset> = user.api().get("/api/v1/channel-presets").await?;
            let preset = presets.data.into_iter().find(|known| known.name == preset);
            show(user, form, preset).await
        }
    }
}

async fn show(user: SignedIn, form: Form, preset: Option<Preset>) -> Result<Response, Trouble> {
    let groups = groups(&user).await?;
    let page = user.frame(links::CHANNELS).under(links::CHANNELS, Message("channel-nav"));
    let title = page.t("channel-create-title");
    let content = Frame::part(&ChannelForm {
        page: &page,
        dialects: terms::dialects(&form),
        form,
        groups,
        preset,
        action: links::NEW_CHANNEL.to_owned(),
        back: links::CHANNELS.to_owned(),
        editing: None,
        providers: terms::PROVIDERS,
        advanced: terms::ADVANCED,
    })?;
    page.dialog(title, content)
}
