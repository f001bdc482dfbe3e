//! `GET /api/v1/channels/{id}`

use domain::id::ChannelId;

use super::view::ChannelView;
use crate::access::{ChannelsRead, Operator};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Id;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/channels/{id}", handle)
        .about("Channels", "Read a channel", "")
        .answers::<ChannelView>(200, "The channel.")
}

async fn handle(
    access: Operator<ChannelsRead>,
    Id(id): Id<ChannelId>,
) -> Result<Answer<ChannelView>, Problem> {
    let channel = access.database().channel(id).await?;
    let version = channel.version;
    Ok(Answer::ok(ChannelView::of(channel, &access.app.gateway)).version(version))
}
