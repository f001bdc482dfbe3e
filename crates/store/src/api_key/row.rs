//! The stored form of a key: its columns, read and written.

use domain::bill::BillingMethod;
use domain::key::KeyDigest;
use domain::money::Nanos;
use domain::permission::Permissions;
use domain::policy::{KeyPolicy, RateLimits, SoftLimit, WhenShort, WindowLimit};
use domain::time::UnixMillis;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row};

use super::ApiKey;
use crate::error::StoreError;

macro_rules! columns {
    () => {
        "id, number, owner_id, name, digest, masked, billing_method, permissions, expires_at, quota, daily_requests, \
         daily_amount, monthly_requests, monthly_amount, soft_limit, requests_per_minute, tokens_per_minute, parallel, \
         max_tokens_per_request, when_short, allowed_models, ip_allowlist, groups, tags, metadata, disabled, revoked_at, \
         deleted_at, created_at, rotated_at, version"
    };
}
pub(crate) use columns;

/// What of a key can be edited.
pub(super) struct Terms<'a> {
    pub(super) name: &'a str,
    pub(super) policy: &'a KeyPolicy,
    pub(super) soft_limit: Option<&'a SoftLimit>,
    pub(super) tags: &'a [String],
    pub(super) metadata: &'a serde_json::Map<String, serde_json::Value>,
}

impl Terms<'_> {
    /// Binds the editable columns, `$1` to `$20`: `name, permissions, expires_at, quota,
    /// daily_requests, daily_amount, monthly_requests, monthly_amount, soft_limit,
    /// requests_per_minute, tokens_per_minute, parallel, max_tokens_per_request, when_short,
    /// allowed_models, ip_allowlist, groups, tags, metadata, disabled`.
    pub(super) fn bind<'q>(
        &self,
        query: Query<'q, Any, AnyArguments>,
    ) -> Result<Query<'q, Any, AnyArguments>, StoreError> {
        let policy = self.policy;
        let soft_limit =
            self.soft_limit.map(|limit| json("api_keys.soft_limit", limit)).transpose()?;
        let tokens =
            |count: Option<u64>| count.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        let amount = |nanos: Option<Nanos>| nanos.map(Nanos::get);
        Ok(query
            .bind(self.name.to_owned())
            .bind(policy.permissions.to_text())
            .bind(policy.expires_at.map(UnixMillis::get))
            .bind(amount(policy.quota))
            .bind(policy.daily.requests)
            .bind(amount(policy.daily.amount))
            .bind(policy.monthly.requests)
            .bind(amount(policy.monthly.amount))
            .bind(soft_limit)
            .bind(policy.rates.requests_per_minute.map(i64::from))
            .bind(tokens(policy.rates.tokens_per_minute))
            .bind(policy.rates.parallel.map(i64::from))
            .bind(tokens(policy.max_tokens_per_request))
            .bind(when_short(policy.when_short))
            .bind(json("api_keys.allowed_models", &policy.allowed_models)?)
            .bind(json("api_keys.ip_allowlist", &policy.ip_allowlist)?)
            .bind(json("api_keys.groups", &policy.groups)?)
            .bind(json("api_keys.tags", &self.tags)?)
            .bind(json("api_keys.metadata", self.metadata)?)
            .bind(i64::from(policy.disabled)))
    }
}

pub(crate) fn from_row(row: &AnyRow) -> Result<ApiKey, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let soft_limit = row.try_get::<Option<String>, _>("soft_limit")?;
    Ok(ApiKey {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("api_keys.id", e))?,
        number: row.try_get("number")?,
        owner: text("owner_id")?
            .parse()
            .map_err(|e| StoreError::damaged("api_keys.owner_id", e))?,
        name: text("name")?,
        masked: text("masked")?,
        digest: digest(row)?,
        policy: policy(row)?,
        soft_limit: soft_limit.map(|json| parse("api_keys.soft_limit", &json)).transpose()?,
        tags: parse("api_keys.tags", &text("tags")?)?,
        metadata: parse("api_keys.metadata", &text("metadata")?)?,
        created_at: UnixMillis::new(row.try_get("created_at")?),
        revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(UnixMillis::new),
        rotated_at: row.try_get::<Option<i64>, _>("rotated_at")?.map(UnixMillis::new),
        deleted: row.try_get::<Option<i64>, _>("deleted_at")?.is_some(),
        version: row.try_get("version")?,
    })
}

pub(super) fn digest(row: &AnyRow) -> Result<KeyDigest, StoreError> {
    let hex: String = row.try_get("digest")?;
    KeyDigest::from_hex(&hex)
        .ok_or_else(|| StoreError::damaged("api_keys.digest", "expected 64 hexadecimal digits"))
}

/// Reads what is checked when a key is used.
pub(super) fn policy(row: &AnyRow) -> Result<KeyPolicy, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let number = |column: &str| row.try_get::<Option<i64>, _>(column);
    Ok(KeyPolicy {
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        revoked: number("revoked_at")?.is_some() || number("deleted_at")?.is_some(),
        expires_at: number("expires_at")?.map(UnixMillis::new),
        permissions: permissions(&text("permissions")?)?,
        billing_method: BillingMethod::from_name(&text("billing_method")?)
            .ok_or_else(|| StoreError::damaged("api_keys.billing_method", "unknown name"))?,
        quota: number("quota")?.map(Nanos::new),
        daily: WindowLimit {
            requests: number("daily_requests")?,
            amount: number("daily_amount")?.map(Nanos::new),
        },
        monthly: WindowLimit {
            requests: number("monthly_requests")?,
            amount: number("monthly_amount")?.map(Nanos::new),
        },
        rates: RateLimits {
            requests_per_minute: count(
                "api_keys.requests_per_minute",
                number("requests_per_minute")?,
            )?,
            tokens_per_minute: count("api_keys.tokens_per_minute", number("tokens_per_minute")?)?,
            parallel: count("api_keys.parallel", number("parallel")?)?,
        },
        max_tokens_per_request: count(
            "api_keys.max_tokens_per_request",
            number("max_tokens_per_request")?,
        )?,
        when_short: match text("when_short")?.as_str() {
            "lower" => WhenShort::Lower,
            "refuse" => WhenShort::Refuse,
            _ => return Err(StoreError::damaged("api_keys.when_short", "unknown name")),
        },
        allowed_models: parse("api_keys.allowed_models", &text("allowed_models")?)?,
        ip_allowlist: parse("api_keys.ip_allowlist", &text("ip_allowlist")?)?,
        groups: parse("api_keys.groups", &text("groups")?)?,
    })
}

pub(super) const fn when_short(choice: WhenShort) -> &'static str {
    match choice {
        WhenShort::Lower => "lower",
        WhenShort::Refuse => "refuse",
    }
}

fn permissions(text: &str) -> Result<Permissions, StoreError> {
    let names = text.split(',').filter(|name| !name.is_empty());
    Permissions::from_names(names).map_err(|e| StoreError::damaged("api_keys.permissions", e))
}

fn count<T: TryFrom<i64>>(
    column: &'static str,
    number: Option<i64>,
) -> Result<Option<T>, StoreError> {
    let count = number.map(T::try_from).transpose();
    count.map_err(|_| StoreError::damaged(column, "out of range"))
}

pub(super) fn json<T: Serialize + ?Sized>(
    column: &'static str,
    value: &T,
) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::damaged(column, e))
}

fn parse<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::damaged(column, e))
}
