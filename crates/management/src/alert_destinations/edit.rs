//! `PATCH /api/v1/alert-destinations/{id}`

use ::alerts::send::webhook::{WebhookAddress, new_secret, seal};
use domain::id::AlertDestinationId;
use store::alert_destination::DestinationKind;

use super::fields::{DestinationFields, check_address};
use super::view::DestinationWithSecret;
use crate::access::{Access, AlertsWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Body, Id, IfMatch};
use crate::wrong::Wrong;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::patch("/api/v1/alert-destinations/{id}", handle)
        .about(
            "Alerts",
            "Edit a destination",
            "A webhook's secret is bound to scheme, host and port: another one makes a new secret, which is in this answer alone.",
        )
        .answers::<DestinationWithSecret>(200, "The destination as it is now.")
        .fails(409, "It was changed at the same time.")
}

async fn handle(
    access: Access<AlertsWrite>,
    Id(id): Id<AlertDestinationId>,
    if_match: IfMatch,
    body: Body<DestinationFields>,
) -> Result<Answer<DestinationWithSecret>, Problem> {
    let wanted = body.value;
    let mut destination = access.database().alert_destination(id, access.owner()).await?;
    if_match.check(destination.version)?;
    if wanted.kind.is_some_and(|kind| kind != destination.kind) {
        let message = Wrong::DestinationKindFixed;
        return Err(Problem::field("kind", message));
    }
    let unchanged = destination.clone();
    let before = destination.address.clone();
    if let Some(address) = wanted.address {
        check_address(&access, destination.kind, &address).await?;
        destination.address = address;
    }
    if let Some(name) = wanted.name {
        destination.name = name;
    }
    destination.disabled = wanted.disabled.unwrap_or(destination.disabled);
    let mut secret = None;
    if destination.kind == DestinationKind::Webhook {
        let address = WebhookAddress::parse(&destination.address).map_err(Problem::internal)?;
        let moved = WebhookAddress::parse(&before).map(|it| it.origin()) != Ok(address.origin());
        if moved || wanted.new_secret == Some(true) {
            let made = new_secret();
            destination.secret = Some(seal(&access.app.gateway.sealer, id, &address, &made));
            secret = Some(made);
        }
    } else if wanted.new_secret.is_some() {
        return Err(Problem::field("new_secret", Wrong::OnlyWebhookSecret));
    }
    let mut transaction = access.database().begin().await?;
    let destination = transaction.update_alert_destination(&destination).await?;
    access.app.record(&mut transaction, Some(&unchanged), Some(&destination))?;
    transaction.commit().await?;
    let version = destination.version;
    let view = DestinationWithSecret::without(destination).with(secret.as_ref());
    Ok(Answer::ok(view).version(version))
}
