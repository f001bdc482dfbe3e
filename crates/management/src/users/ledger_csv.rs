//! `GET /api/v1/users/{id}/ledger.csv`

use axum::response::Response;
use domain::id::{TransactionId, UserId};
use store::ledger_entry::Account;

use crate::access::{Access, UsersRead};
use crate::csv::{Rows, pages};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Id;

/// Rows of one page.
const PAGE: u32 = 500;

const COLUMNS: &[&str] =
    &["transaction_id", "line", "created_at", "kind", "amount", "reference", "note"];

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/users/{id}/ledger.csv", handle)
        .about(
            "Users",
            "Export a user's ledger",
            "Every line of the user's account, the newest first: their sum is the balance.",
        )
        .answers_text("text/csv; charset=utf-8", "A table with a head.")
}

async fn handle(access: Access<UsersRead>, Id(id): Id<UserId>) -> Result<Response, Problem> {
    if access.owner().is_some_and(|own| own != id) {
        return Err(Problem::not_found());
    }
    access.app.gateway.ledger.flush().await;
    let user = access.database().user(id).await?;
    let app = access.app;
    let page = move |after: Option<(TransactionId, i64)>| {
        let (app, account) = (app.clone(), Account::User(user.id));
        async move {
            let entries = app.gateway.database.ledger_entries(&account, after, PAGE).await?;
            let full = entries.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
            let next =
                entries.last().filter(|_| full).map(|entry| Some((entry.transaction, entry.line)));
            let mut rows = Rows::default();
            for entry in &entries {
                rows.value(entry.transaction);
                rows.value(entry.line);
                rows.value(entry.created_at);
                rows.text(&entry.kind);
                rows.value(entry.amount);
                rows.text(&entry.reference);
                rows.text(&entry.note);
                rows.end();
            }
            Ok((rows, next))
        }
    };
    Ok(pages("ledger.csv", COLUMNS, None, page))
}
