//! `POST /api/v1/doubts/{id}/settle`

use domain::id::CallId;
use domain::usage::Usage;
use ledger::doubt::Resolution;
use utoipa::ToSchema;

use crate::access::{Operator, SystemWrite};
use crate::answer::Answer;
use crate::calls::view::CallView;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::value::integer;
use crate::request::{Body, Fields, Id, ReadBody};

/// More tokens than any call uses.
const MOST: i64 = 1_000_000_000_000;

/// How a call in doubt is charged.
#[derive(ToSchema)]
pub(crate) struct SettleDoubt {
    /// What it used; left out: its last checkpoint, else its bound.
    usage: Option<UsageFields>,
}

/// Tokens by class; what is left out is 0.
#[derive(ToSchema)]
#[schema(as = UsageInput)]
struct UsageFields {
    /// Uncached input.
    #[schema(value_type = Option<u64>)]
    input: u64,
    /// Input from a prompt cache.
    #[schema(value_type = Option<u64>)]
    cached_input: u64,
    /// Input written to a prompt cache.
    #[schema(value_type = Option<u64>)]
    cache_write: u64,
    /// Input written to a one-hour cache.
    #[schema(value_type = Option<u64>)]
    cache_write_1h: u64,
    /// Output, reasoning included.
    #[schema(value_type = Option<u64>)]
    output: u64,
    /// How many of the output tokens were reasoning.
    #[schema(value_type = Option<u64>)]
    reasoning: u64,
}

impl ReadBody for SettleDoubt {
    const OPTIONAL: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let usage = fields.nested_or_null("usage", |fields| {
            let mut count =
                |name| fields.take(name, integer(0..=MOST)).unwrap_or_default().unsigned_abs();
            Some(Some(UsageFields {
                input: count("input"),
                cached_input: count("cached_input"),
                cache_write: count("cache_write"),
                cache_write_1h: count("cache_write_1h"),
                output: count("output"),
                reasoning: count("reasoning"),
            }))
        });
        Some(Self { usage: usage.flatten() })
    }
}

impl From<UsageFields> for Usage {
    fn from(fields: UsageFields) -> Self {
        Self {
            input: fields.input,
            cached_input: fields.cached_input,
            cache_write: fields.cache_write,
            cache_write_1h: fields.cache_write_1h,
            output: fields.output,
            reasoning: fields.reasoning,
        }
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/doubts/{id}/settle", handle)
        .about("Doubts", "Charge a call in doubt", "Never more than what is held.")
        .answers::<CallView>(200, "The call as it is booked.")
}

async fn handle(
    access: Operator<SystemWrite>,
    Id(id): Id<CallId>,
    body: Body<SettleDoubt>,
) -> Result<Answer<CallView>, Problem> {
    let usage = body.value.usage.map(Usage::from);
    access.app.gateway.ledger.resolve_doubt(id, Resolution::Settle(usage)).await?;
    let call = access.database().call(id, None).await?;
    let view = CallView::of(&access, vec![call]).await?.pop();
    view.map(Answer::ok).ok_or_else(Problem::not_found)
}
