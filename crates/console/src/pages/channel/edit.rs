//! `/console/channel/{id}/edit`

use axum::extract::Path;
use axum::response::Response;
use serde_json::json;

use super::create::ChannelForm;
use super::entry::Channel;
use super::terms;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::Operator;
use crate::pages::token::list::groups;
use crate::trouble::Trouble;
use crate::visit::SignedIn;

pub(crate) async fn page(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let channel: Channel = user.api().get(&Channel::path(&id)).await?;
    let form = terms::of(&channel);
    show(user, channel, form).await
}

pub(crate) async fn submit(
    Operator(user): Operator,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let mut body = terms::json(&form);
    // An empty input keeps the secrets that there are.
    let secrets = form.lines("secrets");
    if !secrets.is_empty() {
        body.push(("secrets", json!(secrets)));
    }
    let seen = form.text("etag").to_owned();
    let path = Channel::path(&id);
    match user.api().patch::<_, Channel>(&path, &object(body), Some(&seen)).await {
        Ok(reply) => {
            let notice = Notice::new(Message("channel-notice-saved"), reply.body.name.clone());
            Ok(user.frame(links::CHANNELS).go(&reply.body.link(""), notice))
        }
        Err(trouble) => {
            terms::refused(&mut form, trouble, user.visit.words)?;
            let channel: Channel = user.api().get(&path).await?;
            show(user, channel, form).await
        }
    }
}

async fn show(user: SignedIn, channel: Channel, form: Form) -> Result<Response, Trouble> {
    let groups = groups(&user).await?;
    let page = user.frame(links::CHANNELS).under(links::CHANNELS, Message("channel-nav"));
    let title = page.t("channel-edit-title");
    let content = Frame::part(&ChannelForm {
        page: &page,
        dialects: terms::dialects(&form),
        form,
        groups,
        preset: None,
        action: channel.link("edit"),
        back: channel.link(""),
        editing: Some(channel),
        providers: terms::PROVIDERS,
        advanced: terms::ADVANCED,
    })?;
    page.dialog(title, content)
}
