//! OpenAI's old billing routes, which many clients still ask for a key's balance:
//! `GET /v1/dashboard/billing/subscription` and `/usage`, with and without `/v1`.

use axum::response::{IntoResponse, Response};
use domain::money::Nanos;
use domain::permission::Permission;
use domain::time::UnixMillis;
use gateway::authenticate::permit;
use jiff::civil::Date;
use serde::Serialize;
use store::StoreError;
use store::usage::{UsageOf, UsageQuery};
use utoipa::ToSchema;

use super::reader::{Holder, refused};
use crate::answer::{Answer, Usd};
use crate::endpoint::Endpoint;
use crate::keys::view::Figures;
use crate::problem::Problem;
use crate::request::{Invalid, Parameters, Query, ReadQuery};
use crate::wrong::Wrong;

/// What clients take for "without end".
const UNLIMITED: Nanos = Nanos::from_usd(100_000_000);

/// A key's limit in the shape of OpenAI's.
#[derive(Serialize, ToSchema)]
pub(crate) struct BillingSubscription {
    /// Always `billing_subscription`.
    #[schema(value_type = String)]
    object: &'static str,
    /// Always true.
    has_payment_method: bool,
    /// USD: what the key has used and has left; 100000000 where nothing limits it.
    soft_limit_usd: Usd,
    /// The same.
    hard_limit_usd: Usd,
    /// The same.
    system_hard_limit_usd: Usd,
    /// When the key ends, in seconds since 1970; 0: never.
    access_until: i64,
}

/// A key's usage in the shape of OpenAI's.
#[derive(Serialize, ToSchema)]
pub(crate) struct BillingUsage {
    /// Always `list`.
    #[schema(value_type = String)]
    object: &'static str,
    /// Hundredths of a USD.
    total_usage: Usd,
}

/// Which days to sum; without any, all of them.
pub(crate) struct Days {
    start: Option<Date>,
    end: Option<Date>,
}

impl ReadQuery for Days {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[
        ("start_date", "From this local day on, such as 2026-12-01."),
        ("end_date", "Before this local day."),
    ];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        let date = |text: &str| {
            let expected = || Invalid::new(Wrong::Day);
            // Some clients send no leading zeros.
            let mut parts = text.splitn(3, '-').map(|part| part.parse::<i16>().ok());
            let mut next = || parts.next().flatten().ok_or_else(expected);
            let (year, month, day) = (next()?, next()?, next()?);
            let small = |number: i16| i8::try_from(number).map_err(|_| expected());
            let date = Date::new(year, small(month)?, small(day)?).map_err(|_| expected())?;
            if (1970..=9000).contains(&date.year()) { Ok(date) } else { Err(expected()) }
        };
        Some(Self {
            start: parameters.take("start_date", date),
            end: parameters.take("end_date", date),
        })
    }
}

/// With or without `/v1`.
pub(crate) fn subscription(path: &'static str) -> Endpoint {
    Endpoint::get(path, limit)
        .about("Usage", "Read a key's limit as OpenAI's clients do", "With the key itself.")
        .answers::<BillingSubscription>(200, "What the key has used and has left.")
}

/// With or without `/v1`.
pub(crate) fn usage(path: &'static str) -> Endpoint {
    Endpoint::get(path, used)
        .about("Usage", "Read a key's usage as OpenAI's clients do", "With the key itself.")
        .answers::<BillingUsage>(200, "What was charged, in hundredths of a USD.")
}

async fn limit(holder: Holder) -> Result<Response, Problem> {
    if let Err(refusal) = permit(&holder.key, Permission::UsageRead) {
        return Ok(refused(&refusal));
    }
    let figures = Figures::of(&holder.app, holder.key.id).await?;
    let free = available(&holder).await?;
    let left = match (figures.remaining(holder.key.policy.quota), free) {
        (Some(quota), Some(free)) => Some(quota.min(free)),
        (quota, free) => quota.or(free),
    };
    let whole = left.map_or(UNLIMITED, |left| {
        let left = left.max(Nanos::ZERO).get();
        Nanos::new(figures.used.get().saturating_add(left)).min(UNLIMITED)
    });
    let end = holder.key.policy.expires_at.map_or(0, |end| end.get() / 1_000);
    Ok(Answer::ok(BillingSubscription {
        object: "billing_subscription",
        has_payment_method: true,
        soft_limit_usd: Usd(whole),
        hard_limit_usd: Usd(whole),
        system_hard_limit_usd: Usd(whole),
        access_until: end,
    })
    .into_response())
}

/// What the owner's balance leaves; none: unlimited.
async fn available(holder: &Holder) -> Result<Option<Nanos>, StoreError> {
    let user = holder.app.gateway.database.user(holder.key.owner.id).await?;
    if user.credit == domain::user::Credit::Unlimited {
        return Ok(None);
    }
    let spending = crate::users::view::Spending::of(&holder.app, user.id).await?;
    Ok(Some(spending.available(user.credited)))
}

async fn used(holder: Holder, Query(days): Query<Days>) -> Result<Response, Problem> {
    if let Err(refusal) = permit(&holder.key, Permission::UsageRead) {
        return Ok(refused(&refusal));
    }
    let ledger = &holder.app.gateway.ledger;
    ledger.flush().await;
    let start = |day: Date| {
        let start = day.to_zoned(ledger.zone().clone()).and_then(|day| day.start_of_day());
        start.map_or(UnixMillis::default(), |day| UnixMillis::new(day.timestamp().as_millisecond()))
    };
    let query = UsageQuery {
        of: UsageOf::Key(holder.key.id),
        owner: None,
        since: days.start.map_or(UnixMillis::default(), start),
        until: days.end.map_or(UnixMillis::new(i64::MAX), start),
    };
    let sum = holder.app.gateway.database.usage_total(&query).await?;
    let cents = Nanos::new(sum.charged.get().saturating_mul(100));
    Ok(Answer::ok(BillingUsage { object: "list", total_usage: Usd(cents) }).into_response())
}
