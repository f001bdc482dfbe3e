//! `PUT /api/v1/tiers`

use domain::user::Tier;
use store::tier::TierTerms;
use utoipa::ToSchema;

use super::list::TierView;
use crate::access::{Operator, SystemWrite};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::value::{integer, or_null};
use crate::request::{Body, Fields, ReadBody};

/// The most keys that a limit can name.
const MOST_KEYS: i64 = 1_000_000_000;

/// What the tiers allow; a tier that is left out stays as it is.
#[derive(ToSchema)]
pub(crate) struct SetTiers {
    #[schema(value_type = Option<SetTier>)]
    standard: Option<SetTier>,
    #[schema(value_type = Option<SetTier>)]
    professional: Option<SetTier>,
    #[schema(value_type = Option<SetTier>)]
    enterprise: Option<SetTier>,
}

/// What one tier allows.
#[derive(ToSchema)]
pub(crate) struct SetTier {
    /// How many keys a user can have; null: no limit.
    key_limit: Option<i64>,
}

impl SetTier {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let key_limit = fields.required("key_limit", or_null(integer(0..=MOST_KEYS)));
        Some(Self { key_limit: key_limit? })
    }
}

impl ReadBody for SetTiers {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            standard: fields.nested("standard", SetTier::read),
            professional: fields.nested("professional", SetTier::read),
            enterprise: fields.nested("enterprise", SetTier::read),
        })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::put("/api/v1/tiers", handle)
        .about(
            "Users",
            "Set what the tiers allow",
            "Holds for keys that are made from now on; nobody loses one.",
        )
        .answers_list::<TierView>("The tiers as they are now.")
}

async fn handle(
    Operator(access): Operator<SystemWrite>,
    body: Body<SetTiers>,
) -> Result<Answer<List<TierView>>, Problem> {
    let SetTiers { standard, professional, enterprise } = body.value;
    let wanted = [
        (Tier::Standard, standard),
        (Tier::Professional, professional),
        (Tier::Enterprise, enterprise),
    ];
    let mut transaction = access.database().begin().await?;
    for (tier, terms) in wanted {
        if let Some(SetTier { key_limit }) = terms {
            let (before, after) =
                (transaction.lock_tier(tier).await?, TierTerms { tier, key_limit });
            transaction.set_tier(after).await?;
            access.app.record(&mut transaction, Some(&before), Some(&after))?;
        }
    }
    transaction.commit().await?;
    let tiers = access.database().tiers().await?;
    Ok(Answer::ok(List::whole(tiers.into_iter().map(TierView::from).collect())))
}
