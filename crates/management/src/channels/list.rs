//! `GET /api/v1/channels`

use super::view::ChannelView;
use crate::access::{ChannelsRead, Operator};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/channels", handle)
        .about("Channels", "List channels", "The oldest first.")
        .answers_list::<ChannelView>("The channels.")
}

async fn handle(access: Operator<ChannelsRead>) -> Result<Answer<List<ChannelView>>, Problem> {
    let channels = access.database().channels().await?;
    let view = |channel| ChannelView::of(channel, &access.app.gateway);
    Ok(Answer::ok(List::whole(channels.into_iter().map(view).collect())))
}
