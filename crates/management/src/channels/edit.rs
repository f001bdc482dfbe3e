//! `PATCH /api/v1/channels/{id}`

use domain::id::ChannelId;
use gateway::upstream::BaseUrl;

use super::address::Address;
use super::fields::ChannelFields;
use super::secrets;
use super::view::ChannelView;
use crate::access::{ChannelsWrite, Operator};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::groups::check_known;
use crate::problem::Problem;
use crate::request::{Body, Id, IfMatch};
use crate::wrong::Wrong;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::patch("/api/v1/channels/{id}", handle)
        .about("Channels", "Edit a channel", "In force when answered. A secret is bound to scheme, host and port: changing them needs it again.")
        .answers::<ChannelView>(200, "The channel as it is now.")
        .fails(409, "The name is taken, or the channel was changed at the same time.")
}

async fn handle(
    access: Operator<ChannelsWrite>,
    Id(id): Id<ChannelId>,
    if_match: IfMatch,
    body: Body<ChannelFields>,
) -> Result<Answer<ChannelView>, Problem> {
    let mut wanted = body.value;
    if wanted.preset.is_some() {
        let message = Wrong::PresetOfNew;
        return Err(Problem::field("preset", message));
    }
    let mut channel = access.database().channel(id).await?;
    let unchanged = channel.clone();
    if_match.check(channel.version)?;
    let before =
        BaseUrl::parse(&channel.base_url).map(|url| url.origin()).map_err(Problem::internal)?;
    if let Some(address) = &wanted.base_url {
        address.check(&access.app.gateway.options.egress)?;
    }
    let origin =
        wanted.base_url.as_ref().map_or_else(|| before.clone(), |address| address.origin());
    match wanted.given_secrets() {
        Some(given) => {
            channel.secrets = secrets::seal(&access.app.gateway.sealer, id, &origin, &given)
        }
        None if origin != before => {
            let message = Wrong::SecretBound { before, origin };
            return Err(Problem::field("secret", message));
        }
        None => {
            let base_url = wanted.base_url.as_ref().map_or(&channel.base_url, |url| &url.text);
            let moved = wanted.proxy.as_ref().is_some_and(|proxy| proxy.changes(&channel.settings));
            // Over plain http a proxy can read what it carries.
            if moved && Address::is_plain(base_url) {
                let message = Wrong::SecretThroughProxy;
                return Err(Problem::field("secret", message));
            }
        }
    }
    if let Some(proxy) = wanted.proxy.take() {
        let gateway = &access.app.gateway;
        proxy.apply(&mut channel, &gateway.sealer, &gateway.options.egress)?;
    }
    wanted.apply(&mut channel)?;
    check_known(access.database(), "groups", &channel.groups).await?;
    let mut transaction = access.database().begin().await?;
    let channel = transaction.update_channel(&channel).await?;
    access.app.record(&mut transaction, Some(&unchanged), Some(&channel))?;
    transaction.commit().await?;
    access.app.catalog_changed().await?;
    let version = channel.version;
    Ok(Answer::ok(ChannelView::of(channel, &access.app.gateway)).version(version))
}
