//! `GET /api/v1/users/{id}/ledger`

use domain::id::{RedemptionCodeId, TransactionId, UserId};
use serde::Serialize;
use store::ledger_entry::{Account, LedgerEntry};
use store::names::Names;
use utoipa::ToSchema;

use crate::access::{Access, UsersRead};
use crate::answer::{Answer, List, Moment, Usd, cut};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::{CURSOR, LIMIT};
use crate::request::{Id, Page, Parameters, Query, ReadQuery};

/// Which lines to list.
pub(crate) struct ListEntries(Page<EntryCursor>);

/// The last line of a page: its transaction and its number.
struct EntryCursor(TransactionId, i64);

impl std::str::FromStr for EntryCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (id, line) = text.split_once('.').ok_or(())?;
        Ok(Self(id.parse().map_err(|_| ())?, line.parse().map_err(|_| ())?))
    }
}

impl ReadQuery for ListEntries {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[LIMIT, CURSOR];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self(Page::read(parameters)))
    }
}

/// One line of a user's account in the ledger.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerEntry)]
pub(crate) struct EntryView {
    /// The transaction: `txn_…`. Its lines sum to zero.
    #[schema(value_type = String)]
    transaction_id: TransactionId,
    /// The line's number in it, from 1.
    line: i64,
    /// How much; above zero: into the account.
    amount: Usd,
    /// Why: `topup`, `usage`, …
    kind: String,
    /// What it is about: an id, or empty.
    reference: String,
    /// What that is called: of a redemption code its masked value; null: it has no name.
    reference_name: Option<String>,
    /// For people.
    note: String,
    /// When it was written.
    created_at: Moment,
}

impl EntryView {
    fn of(entry: LedgerEntry, codes: &Names<RedemptionCodeId>) -> Self {
        let code = redemption_code(&entry).and_then(|id| codes.get(&id).cloned());
        Self {
            reference_name: code,
            transaction_id: entry.transaction,
            line: entry.line,
            amount: Usd(entry.amount),
            kind: entry.kind,
            reference: entry.reference,
            note: entry.note,
            created_at: Moment(entry.created_at),
        }
    }
}

/// The redemption code that a line is about.
fn redemption_code(entry: &LedgerEntry) -> Option<RedemptionCodeId> {
    entry.reference.parse().ok()
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/users/{id}/ledger", handle)
        .about(
            "Users",
            "List a user's ledger",
            "The lines of the user's account, the newest first.",
        )
        .answers_list::<EntryView>("A page of lines.")
}

async fn handle(
    access: Access<UsersRead>,
    Id(id): Id<UserId>,
    Query(ListEntries(page)): Query<ListEntries>,
) -> Result<Answer<List<EntryView>>, Problem> {
    if access.owner().is_some_and(|own| own != id) {
        return Err(Problem::not_found());
    }
    access.app.gateway.ledger.flush().await;
    let user = access.database().user(id).await?;
    let after = page.after.as_ref().map(|EntryCursor(transaction, line)| (*transaction, *line));
    let mut rows =
        access.database().ledger_entries(&Account::User(user.id), after, page.look_ahead()).await?;
    let next_cursor =
        cut(&mut rows, page.limit, |entry| format!("{}.{}", entry.transaction, entry.line));
    let codes = rows.iter().filter_map(redemption_code).collect();
    let codes = access.database().masked_redemption_codes(codes).await?;
    let data = rows.into_iter().map(|entry| EntryView::of(entry, &codes)).collect();
    Ok(Answer::ok(List { data, next_cursor }))
}
