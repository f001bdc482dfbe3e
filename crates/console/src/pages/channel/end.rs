//! `/console/channel/{id}/delete`: asks first, and says which models nothing serves any more.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::entry::Channel;
use crate::api::{Anything, List};
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::Operator;
use crate::trouble::Trouble;
use crate::ui;

#[derive(Template)]
#[template(path = "pages/channel/end.html")]
struct Ask<'a> {
    page: &'a Frame,
    channel: Channel,
    lost: Vec<String>,
}

pub(crate) async fn ask(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let channel: Channel = user.api().get(&Channel::path(&id)).await?;
    let all: List<Channel> = user.api().get("/api/v1/channels").await?;
    let lost = lost(&channel, &all.data);
    let page = user.frame(links::CHANNELS).under(links::CHANNELS, Message("channel-nav"));
    let title = page.t1("channel-delete-title", "name", &channel.name);
    let content = Frame::part(&Ask { page: &page, channel, lost })?;
    page.dialog(title, content)
}

pub(crate) async fn submit(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let channel: Channel = user.api().get(&Channel::path(&id)).await?;
    user.api().delete::<Anything>(&Channel::path(&id)).await?;
    let notice = Notice::new(Message("channel-notice-deleted"), channel.name);
    Ok(user.frame(links::CHANNELS).go(links::CHANNELS, notice))
}

/// The models that only this channel serves in one of its groups.
fn lost(channel: &Channel, all: &[Channel]) -> Vec<String> {
    if channel.disabled {
        return Vec::new();
    }
    let stays = |model: &String, group: &String| {
        all.iter().any(|other| {
            other.id != channel.id
                && !other.disabled
                && other.models.contains(model)
                && other.groups.contains(group)
        })
    };
    let gone = |model: &&String| channel.groups.iter().any(|group| !stays(model, group));
    channel.models.iter().filter(gone).cloned().collect()
}
