//! `POST /console/channel/{id}/enable` and `/disable`: the switch.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde_json::json;

use super::entry::Channel;
use crate::form::Form;
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::Operator;
use crate::trouble::{Trouble, toast};
use crate::ui;
use crate::visit::SignedIn;

/// The channel's row as it is now.
#[derive(Template)]
#[template(path = "pages/channel/row.html")]
struct Row {
    page: Frame,
    channel: Channel,
}

pub(crate) async fn enable(
    Operator(user): Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    switch(user, &id, &form, false, Message("channel-notice-enabled")).await
}

pub(crate) async fn disable(
    Operator(user): Operator,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    switch(user, &id, &form, true, Message("channel-notice-disabled")).await
}

async fn switch(
    user: SignedIn,
    id: &str,
    form: &Form,
    disabled: bool,
    done: Message,
) -> Result<Response, Trouble> {
    let body = json!({ "disabled": disabled });
    let path = Channel::path(id);
    user.api().patch::<_, crate::api::Anything>(&path, &body, None).await?;
    // Read again: how its secrets are is known once it is in force.
    let channel: Channel = user.api().get(&path).await?;
    let page = user.frame(links::CHANNELS);
    let notice = Notice::new(done, channel.name.clone());
    if !(page.visit.partial && form.has("from", "row")) {
        let from_row = form.has("from", "row");
        let to = if from_row { links::CHANNELS.to_owned() } else { channel.link("") };
        return Ok(page.go(&to, notice));
    }
    let said = notice.text(page.words()).unwrap_or_default();
    let row = Row { page, channel };
    let mut response = row.page.show(&row)?;
    toast(&mut response, "success", &said);
    Ok(response)
}
