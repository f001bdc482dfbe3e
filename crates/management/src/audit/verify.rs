//! `GET /api/v1/audit/verify`

use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{AuditRead, Operator};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;

/// What recomputing the chain found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditReport {
    /// Whether every row is what was written.
    sound: bool,
    /// Rows that were recomputed.
    rows: i64,
    /// The last row's hash: noted elsewhere, it shows later that nothing before it was altered.
    hash: String,
    /// Everything that differs, a sentence each.
    differences: Vec<String>,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/audit/verify", handle)
        .about(
            "Audit log",
            "Verify the audit log",
            "Recomputes every row's hash from the first one on, as `tollkeeper verify` does.",
        )
        .answers::<AuditReport>(200, "What was found.")
}

async fn handle(Operator(access): Operator<AuditRead>) -> Result<Answer<AuditReport>, Problem> {
    let chain = access.database().audit_chain().await?;
    Ok(Answer::ok(AuditReport {
        sound: chain.differences.is_empty(),
        rows: chain.rows,
        hash: chain.hash,
        differences: chain.differences,
    }))
}
