//! `GET /api/v1/channel-presets`

use super::preset::{PRESETS, Preset};
use crate::access::{ChannelsRead, Operator};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/channel-presets", handle)
        .about(
            "Channels",
            "List presets",
            "Services that are known here, for `preset` of a new channel.",
        )
        .answers_list::<Preset>("The presets.")
}

async fn handle(_: Operator<ChannelsRead>) -> Result<Answer<List<&'static Preset>>, Problem> {
    Ok(Answer::ok(List::whole(PRESETS.iter().collect())))
}
