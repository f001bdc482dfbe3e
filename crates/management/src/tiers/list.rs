//! `GET /api/v1/tiers`

use domain::user::Tier;
use serde::Serialize;
use store::tier::TierTerms;
use utoipa::ToSchema;

use crate::access::{Access, UsersRead};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

/// What a tier allows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tier)]
pub(crate) struct TierView {
    /// `standard`, `professional` or `enterprise`.
    #[schema(value_type = String)]
    name: Tier,
    /// How many keys a user can have; null: no limit.
    key_limit: Option<i64>,
}

impl From<TierTerms> for TierView {
    fn from(terms: TierTerms) -> Self {
        Self { name: terms.tier, key_limit: terms.key_limit }
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/tiers", handle)
        .about("Users", "List the tiers", "The smallest first.")
        .answers_list::<TierView>("The tiers.")
}

async fn handle(access: Access<UsersRead>) -> Result<Answer<List<TierView>>, Problem> {
    let tiers = access.database().tiers().await?;
    Ok(Answer::ok(List::whole(tiers.into_iter().map(TierView::from).collect())))
}
