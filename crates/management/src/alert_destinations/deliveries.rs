//! `GET /api/v1/alert-destinations/{id}/deliveries`

use domain::id::{AlertDestinationId, AlertId, DeliveryId};
use serde::Serialize;
use store::alert_delivery::{Delivery, DeliveryState};
use utoipa::ToSchema;

use crate::access::{Access, AlertsRead};
use crate::answer::{Answer, List, Moment, cut};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::{CURSOR, LIMIT};
use crate::request::{Id, Page, Parameters, Query, ReadQuery};

/// Which messages to list.
pub(crate) struct ListDeliveries(Page<DeliveryId>);

impl ReadQuery for ListDeliveries {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[LIMIT, CURSOR];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self(Page::read(parameters)))
    }
}

/// One message to a destination.
#[derive(Serialize, ToSchema)]
#[schema(as = AlertDelivery)]
pub(crate) struct DeliveryView {
    /// `msg_…`: the `webhook-id`, the same at every try.
    #[schema(value_type = String)]
    id: DeliveryId,
    /// What it is about; null: a test.
    #[schema(value_type = Option<String>)]
    alert_id: Option<AlertId>,
    /// `alert.raised`, `alert.resolved` or `alert.test`.
    event: String,
    /// `waiting`, `delivered` or `failed`.
    state: &'static str,
    /// How often it was tried.
    attempts: i64,
    /// When it is tried next; null: it is not.
    next_at: Option<Moment>,
    /// What the receiver answered last.
    status: Option<i64>,
    /// Why the last try failed.
    error: Option<String>,
    /// When it was made.
    created_at: Moment,
    /// When it arrived or was given up.
    done_at: Option<Moment>,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        let waits = delivery.state == DeliveryState::Waiting;
        Self {
            id: delivery.id,
            alert_id: delivery.alert,
            event: delivery.event,
            state: delivery.state.name(),
            attempts: delivery.attempts,
            next_at: waits.then_some(Moment(delivery.next_at)),
            status: delivery.status,
            error: delivery.error,
            created_at: Moment(delivery.created_at),
            done_at: delivery.done_at.map(Moment),
        }
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/alert-destinations/{id}/deliveries", handle)
        .about("Alerts", "List a destination's messages", "The newest first, for 30 days.")
        .answers_list::<DeliveryView>("A page of messages.")
}

async fn handle(
    access: Access<AlertsRead>,
    Id(id): Id<AlertDestinationId>,
    Query(ListDeliveries(page)): Query<ListDeliveries>,
) -> Result<Answer<List<DeliveryView>>, Problem> {
    let destination = access.database().alert_destination(id, access.owner()).await?;
    let mut rows =
        access.database().deliveries(destination.id, page.after, page.look_ahead()).await?;
    let next_cursor = cut(&mut rows, page.limit, |delivery| delivery.id.to_string());
    Ok(Answer::ok(List { data: rows.into_iter().map(DeliveryView::from).collect(), next_cursor }))
}
