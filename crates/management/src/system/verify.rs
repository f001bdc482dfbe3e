//! `GET /api/v1/books/verify`

use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use crate::access::{Operator, SystemWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;

/// It reads every call: who asks while it runs waits, so that asking often costs no more.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// What recomputing the books found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BooksReport {
    /// Whether nothing differs.
    sound: bool,
    /// Calls whose charge was recomputed.
    calls: u64,
    /// Counters that were recomputed.
    counters: u64,
    /// Accounts whose balance was recomputed.
    accounts: u64,
    /// Rows of the audit log whose hash was recomputed.
    audit_rows: u64,
    /// Calls that are held in doubt.
    in_doubt: u64,
    /// Everything that differs, a sentence each.
    differences: Vec<String>,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/books/verify", handle)
        .about(
            "System",
            "Verify the books",
            "Recomputes every charge, counter, balance and row of the audit log from the first entry on, as `tollkeeper verify` does. It reads all of them.",
        )
        .answers::<BooksReport>(200, "What was found.")
}

async fn handle(Operator(access): Operator<SystemWrite>) -> Result<Answer<BooksReport>, Problem> {
    let _alone = ONE_AT_A_TIME.lock().await;
    let report = ledger::verify::verify(access.database()).await?;
    Ok(Answer::ok(BooksReport {
        sound: report.differences.is_empty(),
        calls: report.calls,
        counters: report.counters,
        accounts: report.accounts,
        audit_rows: report.audit_rows,
        in_doubt: report.in_doubt,
        differences: report.differences,
    }))
}
