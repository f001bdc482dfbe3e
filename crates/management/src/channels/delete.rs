//! `DELETE /api/v1/channels/{id}`

use domain::id::ChannelId;

use crate::access::{ChannelsWrite, Operator};
use crate::answer::{Answer, Deleted};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Id, IfMatch};

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::delete("/api/v1/channels/{id}", handle)
        .about(
            "Channels",
            "Delete a channel",
            "In force when answered. Its secrets are wiped; the books keep its calls.",
        )
        .answers::<Deleted>(200, "It is deleted.")
        .fails(409, "It was changed at the same time.")
}

async fn handle(
    access: Operator<ChannelsWrite>,
    Id(id): Id<ChannelId>,
    if_match: IfMatch,
) -> Result<Answer<Deleted>, Problem> {
    let version = if_match.version(access.database().channel(id).await?.version)?;
    let mut transaction = access.database().begin().await?;
    let before = transaction.lock_channel(id).await?;
    transaction.delete_channel(id, access.now(), version).await?;
    access.app.record(&mut transaction, Some(&before), None)?;
    transaction.commit().await?;
    access.app.catalog_changed().await?;
    Ok(Answer::ok(Deleted::of(id)))
}
