//! What an API key can learn of itself: its usage, from new-api's own route, else from OpenAI's
//! billing routes, which the older generation has.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde_json::Value;

use super::super::mask::mask;
use super::super::reading::{dollars, flag, names, seconds, text, usd, whole};
use super::super::{Balance, Site, SiteError, Token, TokenList, TokenStatus};
use super::{ask, units_per_dollar};
use crate::web::Question;

/// The id of the one token of such an account.
const THIS: &str = "this";
/// What OpenAI's billing route says of a token without a limit.
const UNLIMITED: i64 = 100_000_000;

pub(super) async fn tokens(site: &Site, now: UnixMillis) -> Result<TokenList, SiteError> {
    let balance = balance(site).await;
    let usage = match usage(site).await {
        Ok(usage) => usage,
        Err(SiteError::NoRoute { .. } | SiteError::NotJson { .. }) => Value::Null,
        Err(other) => return Err(other),
    };
    let balance = balance?;
    let expires_at = seconds(&usage, "expires_at");
    let used_up = balance.remaining.is_some_and(|left| left.get() <= 0) && !balance.unlimited;
    let status = match expires_at {
        Some(at) if at <= now => TokenStatus::Expired,
        _ if used_up => TokenStatus::Exhausted,
        _ => TokenStatus::Active,
    };
    let limited = flag(&usage, "model_limits_enabled");
    let token = Token {
        id: THIS.to_owned(),
        name: text(&usage, "name").unwrap_or_default(),
        masked: Some(mask(site.sign_in.secret.expose())),
        status,
        unlimited: balance.unlimited,
        remaining: balance.remaining,
        used: balance.used,
        rate_limit: None,
        models: limited.then(|| names(&usage, "model_limits")),
        expires_at,
        last_used_at: None,
        group: None,
    };
    Ok(TokenList { tokens: vec![token], complete: true })
}

pub(super) async fn balance(site: &Site) -> Result<Balance, SiteError> {
    match usage(site).await {
        Ok(usage) => {
            let per_dollar = units_per_dollar(site).await?;
            let unlimited = flag(&usage, "unlimited_quota");
            let usd = |name| whole(&usage, name).map(|units| dollars(units, per_dollar));
            Ok(Balance {
                remaining: usd("total_available").filter(|_| !unlimited),
                used: usd("total_used"),
                unlimited,
            })
        }
        Err(SiteError::NoRoute { .. } | SiteError::NotJson { .. }) => billing(site).await,
        Err(other) => Err(other),
    }
}

async fn usage(site: &Site) -> Result<Value, SiteError> {
    ask(site, Question::get("/api/usage/token/")).await
}

async fn billing(site: &Site) -> Result<Balance, SiteError> {
    let granted = ask(site, Question::get("/v1/dashboard/billing/subscription")).await?;
    let used = ask(site, Question::get("/v1/dashboard/billing/usage")).await?;
    let odd = SiteError::Odd { site: site.url.authority(), what: "a limit in USD" };
    let limit = usd(&granted, "hard_limit_usd").ok_or(odd)?;
    // In hundredths.
    let used = usd(&used, "total_usage").map(|hundredths| Nanos::new(hundredths.get() / 100));
    let unlimited = limit >= Nanos::from_usd(UNLIMITED);
    let left = limit.checked_sub(used.unwrap_or_default()).filter(|_| !unlimited);
    Ok(Balance { remaining: left, used, unlimited })
}
