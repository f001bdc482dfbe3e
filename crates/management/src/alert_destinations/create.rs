//! `POST /api/v1/alert-destinations`

use ::alerts::send::webhook::{new_secret, seal};
use axum::response::{IntoResponse, Response};
use domain::id::AlertDestinationId;
use http::StatusCode;
use store::alert_destination::{AlertDestination, DestinationKind};

use super::fields::{DestinationFields, check_address, webhook};
use super::view::DestinationWithSecret;
use crate::access::{Access, AlertsWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::idempotency::Once;
use crate::problem::{FieldError, Problem};
use crate::request::{Body, IdempotencyKey};

/// More destinations of one user would only multiply the same messages.
const MOST: usize = 20;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/alert-destinations", handle)
        .about(
            "Alerts",
            "Make a destination",
            "A webhook gets signed JSON as the Standard Webhooks specification describes it; its secret is in this answer alone.",
        )
        .answers::<DestinationWithSecret>(201, "The destination.")
        .fails(409, "You have as many destinations as one can have.")
}

async fn handle(
    access: Access<AlertsWrite>,
    idempotency: IdempotencyKey,
    body: Body<DestinationFields>,
) -> Result<Response, Problem> {
    let owner = access.principal.user;
    let once = Once::new(owner, idempotency, "POST alert-destinations", &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    let wanted = body.value;
    let (Some(name), Some(kind), Some(address)) = (&wanted.name, wanted.kind, &wanted.address)
    else {
        return Err(incomplete(&wanted));
    };
    if access.database().alert_destinations(Some(owner)).await?.len() >= MOST {
        let detail =
            format!("You have {MOST} destinations, the most that one can have. Delete one.");
        return Err(Problem::conflict("too_many_alert_destinations", detail).with("most", MOST));
    }
    check_address(&access, kind, address).await?;
    let now = access.now();
    let id = AlertDestinationId::new(now, rand::random());
    let secret = (kind == DestinationKind::Webhook).then(new_secret);
    let sealed = match &secret {
        Some(secret) => {
            Some(seal(&access.app.gateway.sealer, id, &webhook(&access, address)?, secret))
        }
        None => None,
    };
    let destination = AlertDestination {
        id,
        owner,
        name: name.clone(),
        kind,
        address: address.clone(),
        secret: sealed,
        disabled: wanted.disabled.unwrap_or_default(),
        created_at: now,
        version: 1,
    };
    let mut transaction = access.database().begin().await?;
    let made = transaction.insert_alert_destination(&destination).await?;
    access.app.record(&mut transaction, None, Some(&made))?;
    let view = DestinationWithSecret::without(made);
    if let Some(replay) = once.store(&mut transaction, StatusCode::CREATED, &view, now).await? {
        return Ok(replay.into_response());
    }
    transaction.commit().await?;
    Ok(Answer::created(view.with(secret.as_ref())).version(1).into_response())
}

fn incomplete(wanted: &DestinationFields) -> Problem {
    let needed = [
        ("name", wanted.name.is_some()),
        ("kind", wanted.kind.is_some()),
        ("address", wanted.address.is_some()),
    ];
    let error = |field: &str| FieldError::required(field);
    Problem::fields(
        needed.iter().filter(|(_, given)| !given).map(|(name, _)| error(name)).collect(),
    )
}
