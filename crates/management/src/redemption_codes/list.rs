//! `GET /api/v1/redemption-codes`

use domain::id::{RedemptionCodeId, TransactionId, UserId};
use domain::time::UnixMillis;
use serde::Serialize;
use store::redemption_code::RedemptionCode;
use utoipa::ToSchema;

use crate::access::{Operator, UsersRead};
use crate::answer::{Answer, List, Moment, Usd, cut};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::{CURSOR, LIMIT};
use crate::request::{Page, Parameters, Query, ReadQuery};

/// Which codes to list.
pub(crate) struct ListCodes(Page<RedemptionCodeId>);

impl ReadQuery for ListCodes {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[LIMIT, CURSOR];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self(Page::read(parameters)))
    }
}

/// A code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RedemptionCode)]
pub(crate) struct RedemptionCodeView {
    /// `rdm_…`
    #[schema(value_type = String)]
    id: RedemptionCodeId,
    /// The value as lists show it.
    masked: String,
    /// `open`, `redeemed`, `revoked` or `expired`.
    #[schema(value_type = String)]
    status: &'static str,
    /// What it is worth.
    amount: Usd,
    /// For people.
    note: String,
    /// When it ends by itself; null: never.
    expires_at: Option<Moment>,
    /// Who made it.
    #[schema(value_type = String)]
    created_by: UserId,
    /// When it was made.
    created_at: Moment,
    /// Who redeemed it; null: nobody.
    #[schema(value_type = Option<String>)]
    redeemed_by: Option<UserId>,
    /// When.
    redeemed_at: Option<Moment>,
    /// The ledger's transaction.
    #[schema(value_type = Option<String>)]
    transaction_id: Option<TransactionId>,
}

impl RedemptionCodeView {
    /// A code as it is now.
    pub(crate) fn of(code: RedemptionCode, now: UnixMillis) -> Self {
        let status = match &code {
            RedemptionCode { redeemed: Some(_), .. } => "redeemed",
            RedemptionCode { revoked_at: Some(_), .. } => "revoked",
            RedemptionCode { expires_at: Some(end), .. } if *end <= now => "expired",
            _ => "open",
        };
        Self {
            id: code.id,
            masked: code.masked,
            status,
            amount: Usd(code.amount),
            note: code.note,
            expires_at: code.expires_at.map(Moment),
            created_by: code.created_by,
            created_at: Moment(code.created_at),
            redeemed_by: code.redeemed.map(|redeemed| redeemed.by),
            redeemed_at: code.redeemed.map(|redeemed| Moment(redeemed.at)),
            transaction_id: code.redeemed.map(|redeemed| redeemed.transaction),
        }
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/redemption-codes", handle)
        .about("Redemption codes", "List redemption codes", "The newest first.")
        .answers_list::<RedemptionCodeView>("A page of codes.")
}

async fn handle(
    Operator(access): Operator<UsersRead>,
    Query(ListCodes(page)): Query<ListCodes>,
) -> Result<Answer<List<RedemptionCodeView>>, Problem> {
    let now = access.now();
    let mut rows = access.database().redemption_codes(page.after, page.look_ahead()).await?;
    let next_cursor = cut(&mut rows, page.limit, |code| code.id.to_string());
    let data = rows.into_iter().map(|code| RedemptionCodeView::of(code, now)).collect();
    Ok(Answer::ok(List { data, next_cursor }))
}
