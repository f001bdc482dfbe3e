//! `POST /api/v1/alert-destinations/{id}/test`

use ::alerts::message::{Event, of_test};
use domain::id::{AlertDestinationId, DeliveryId};
use store::alert_delivery::{Delivery, DeliveryState};

use super::deliveries::DeliveryView;
use crate::access::{Access, AlertsWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Id;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/alert-destinations/{id}/test", handle)
        .about(
            "Alerts",
            "Test a destination",
            "Sends one message now and waits for what comes of it. It is not tried again.",
        )
        .answers::<DeliveryView>(200, "What came of it: `delivered` or `failed`.")
}

async fn handle(
    access: Access<AlertsWrite>,
    Id(id): Id<AlertDestinationId>,
) -> Result<Answer<DeliveryView>, Problem> {
    let destination = access.database().alert_destination(id, access.owner()).await?;
    let now = access.now();
    let delivery = Delivery {
        id: DeliveryId::new(now, rand::random()),
        destination: id,
        alert: None,
        event: Event::Test.name().to_owned(),
        body: of_test(now),
        state: DeliveryState::Waiting,
        attempts: 0,
        next_at: now,
        status: None,
        error: None,
        created_at: now,
        done_at: None,
    };
    let delivery = access.app.alerts.try_out(&destination, delivery).await?;
    Ok(Answer::ok(delivery.into()))
}
