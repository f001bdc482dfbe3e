//! `POST /api/v1/findings/{id}/dismiss`

use domain::time::UnixMillis;
use serde::Serialize;
use store::key_audit::Dismissal;
use utoipa::ToSchema;

use super::id::FindingId;
use crate::access::{Access, KeysWrite};
use crate::answer::{Answer, Moment};
use crate::audit::record::field;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::value::{or_null, time};
use crate::request::{Body, Fields, Id, ReadBody};

/// Until when a finding is put aside.
#[derive(ToSchema)]
pub(crate) struct DismissFinding {
    /// Null or left out: for good. A time that is over lists it again.
    #[schema(value_type = Option<Moment>)]
    until: Option<UnixMillis>,
}

impl ReadBody for DismissFinding {
    const OPTIONAL: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { until: fields.take("until", or_null(time)).flatten() })
    }
}

/// A finding that was put aside.
#[derive(Serialize, ToSchema)]
pub(crate) struct DismissedFinding {
    /// The finding.
    #[schema(value_type = String)]
    id: FindingId,
    /// Whether it is put aside now.
    dismissed: bool,
    /// Until when; null: for good.
    until: Option<Moment>,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/findings/{id}/dismiss", handle)
        .about(
            "Findings",
            "Put a finding aside",
            "It is not listed again until then, for everyone who sees the key.",
        )
        .answers::<DismissedFinding>(200, "It is put aside.")
}

async fn handle(
    access: Access<KeysWrite>,
    Id(id): Id<FindingId>,
    body: Body<DismissFinding>,
) -> Result<Answer<DismissedFinding>, Problem> {
    let key = access.database().api_key(id.key, access.owner()).await?;
    let (until, now) = (body.value.until, access.now());
    let dismissal = Dismissal { key: key.id, kind: id.kind.name().to_owned(), until };
    let mut transaction = access.database().begin().await?;
    transaction.dismiss_finding(&dismissal, access.principal.user, now).await?;
    let dismissed = until.is_none_or(|until| until > now);
    let kind = dismissed.then(|| id.kind.name());
    let changes = field("dismissed_finding", None, Some(&kind));
    transaction.changed(key.id, Some(key.owner), changes);
    transaction.commit().await?;
    Ok(Answer::ok(DismissedFinding { id, dismissed, until: until.map(Moment) }))
}
