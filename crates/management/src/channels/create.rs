//! `POST /api/v1/channels`

use axum::response::{IntoResponse, Response};
use domain::id::ChannelId;
use http::StatusCode;
use store::channel::{Channel, ChannelSettings};
use store::group::DEFAULT_GROUP;

use super::fields::ChannelFields;
use super::secrets;
use super::view::ChannelView;
use crate::access::{ChannelsWrite, Operator};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::groups::check_known;
use crate::idempotency::Once;
use crate::problem::{FieldError, Problem};
use crate::request::{Body, IdempotencyKey};

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/channels", handle)
        .about(
            "Channels",
            "Make a channel",
            "In force when answered. Needs name, provider, base_url, models and secret or secrets; a preset fills in what it knows of these.",
        )
        .answers::<ChannelView>(201, "The channel.")
        .fails(409, "The name is taken.")
}

async fn handle(
    access: Operator<ChannelsWrite>,
    idempotency: IdempotencyKey,
    body: Body<ChannelFields>,
) -> Result<Response, Problem> {
    let once = Once::new(access.principal.user, idempotency, "POST channels", &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    let mut wanted = body.value.filled()?;
    check_complete(&wanted)?;
    let (Some(address), Some(given)) = (&wanted.base_url, wanted.given_secrets()) else {
        return Err(Problem::internal("a complete channel lacks a field"));
    };
    address.check(&access.app.gateway.options.egress)?;
    let now = access.now();
    let id = ChannelId::new(now, rand::random());
    let mut channel = Channel {
        id,
        name: String::new(),
        provider: String::new(),
        base_url: String::new(),
        secrets: secrets::seal(&access.app.gateway.sealer, id, &address.origin(), &given),
        models: Vec::new(),
        groups: vec![DEFAULT_GROUP.to_owned()],
        priority: 0,
        weight: 1,
        settings: ChannelSettings::default(),
        disabled: false,
        created_at: now,
        version: 1,
    };
    if let Some(proxy) = wanted.proxy.take() {
        let gateway = &access.app.gateway;
        proxy.apply(&mut channel, &gateway.sealer, &gateway.options.egress)?;
    }
    wanted.apply(&mut channel)?;
    check_known(access.database(), "groups", &channel.groups).await?;
    let mut transaction = access.database().begin().await?;
    let made = transaction.insert_channel(&channel).await?;
    access.app.record(&mut transaction, None, Some(&made))?;
    let view = ChannelView::of(made, &access.app.gateway);
    if let Some(replay) = once.store(&mut transaction, StatusCode::CREATED, &view, now).await? {
        return Ok(replay.into_response());
    }
    transaction.commit().await?;
    access.app.catalog_changed().await?;
    Ok(Answer::created(view).version(1).into_response())
}

fn check_complete(wanted: &ChannelFields) -> Result<(), Problem> {
    let needed = [
        ("name", wanted.name.is_some()),
        ("provider", wanted.provider.is_some()),
        ("base_url", wanted.base_url.is_some()),
        ("models", wanted.models.is_some()),
        ("secret", wanted.given_secrets().is_some()),
    ];
    let missing = needed.into_iter().filter(|(_, given)| !given);
    let errors: Vec<FieldError> = missing.map(|(field, _)| FieldError::required(field)).collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
}
