//! `GET /v1/api-keys/{id}/compromised`

use domain::id::{KeyId, UserId};
use domain::time::UnixMillis;
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use super::report::{LeakReport, since};
use crate::access::{Access, KeysRead};
use crate::answer::{Answer, Moment};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::time;
use crate::request::{Id, Parameters, Query, ReadQuery};

/// From when on to look.
pub(crate) struct ReadLeak {
    since: Option<UnixMillis>,
}

impl ReadQuery for ReadLeak {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[(
        "since",
        "Calls admitted at this RFC 3339 time or later; by default from the reported time on, or of the last 24 hours.",
    )];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self { since: parameters.take("since", time) })
    }
}

/// What is known of a leak.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeakView {
    /// The key.
    #[schema(value_type = String)]
    key_id: KeyId,
    /// When it was reported last; null: it was not.
    reported_at: Option<Moment>,
    /// Who reported it.
    #[schema(value_type = Option<String>)]
    reported_by: Option<UserId>,
    /// For people.
    note: Option<String>,
    /// The key that was made in its place.
    #[schema(value_type = Option<String>)]
    replaced_by: Option<KeyId>,
    /// What it did since then.
    report: LeakReport,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/v1/api-keys/{id}/compromised", handle)
        .about(
            "Leaks",
            "Read what a key did since a time",
            "The report alone: nothing is done to the key, whether it was declared compromised or not.",
        )
        .answers::<LeakView>(200, "The report.")
}

async fn handle(
    access: Access<KeysRead>,
    Id(id): Id<KeyId>,
    Query(wanted): Query<ReadLeak>,
) -> Result<Answer<LeakView>, Problem> {
    let key = access.database().api_key(id, access.owner()).await?;
    let leak = match access.database().key_leak(id, access.owner()).await {
        Err(StoreError::NotFound) => None,
        found => Some(found?),
    };
    let reported = leak.as_ref().map(|leak| leak.since);
    let from = since(wanted.since.or(reported), access.now());
    let report = LeakReport::of(&access.app, key.id, access.owner(), from).await?;
    Ok(Answer::ok(LeakView {
        key_id: key.id,
        reported_at: leak.as_ref().map(|leak| Moment(leak.reported_at)),
        reported_by: leak.as_ref().map(|leak| leak.reported_by),
        replaced_by: leak.as_ref().and_then(|leak| leak.replaced_by),
        note: leak.map(|leak| leak.note),
        report,
    }))
}
