//! Many keys at once: made in one statement, found by their ids.

use domain::id::{KeyId, UserId};
use domain::key::KeyDigest;
use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Serialize;
use sqlx::Row;

use super::row::{columns, digest, from_row, json, when_short};
use super::{ApiKey, NewApiKey};
use crate::database::{Database, Transaction};
use crate::dialect::{Dialect, PerDialect};
use crate::error::StoreError;

impl Database {
    /// Those of these keys that are not deleted; with an owner, only theirs.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn api_keys_by_ids(
        &self,
        ids: &[KeyId],
        owner: Option<UserId>,
    ) -> Result<Vec<ApiKey>, StoreError> {
        let ids = serde_json::to_string(ids).map_err(|e| StoreError::damaged("ids", e))?;
        let rows = sqlx::query(THESE.text(self.dialect()))
            .bind(ids)
            .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(from_row).collect()
    }
}

impl Database {
    /// Which of these digests are those of a key's value, now or before, or of a key that is deleted.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn used_digests(&self, digests: &[KeyDigest]) -> Result<Vec<KeyDigest>, StoreError> {
        let digests: Vec<String> = digests.iter().map(KeyDigest::to_hex).collect();
        let digests =
            serde_json::to_string(&digests).map_err(|e| StoreError::damaged("digests", e))?;
        let rows =
            sqlx::query(USED.text(self.dialect())).bind(digests).fetch_all(self.readers()).await?;
        rows.iter().map(digest).collect()
    }
}

impl Transaction {
    /// Makes keys, all of them or none, and gives them the next numbers. The owners' limits are
    /// the caller's to check, in this transaction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such owner, [`StoreError::Conflict`] when a value is
    /// in use.
    pub async fn insert_api_keys(&mut self, keys: &[NewApiKey]) -> Result<Vec<ApiKey>, StoreError> {
        // Else the numbers that are read here would be given to somebody else's key as well.
        if self.dialect == Dialect::Postgres {
            sqlx::query("LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE")
                .execute(self.connection())
                .await?;
        }
        let row = sqlx::query("SELECT COALESCE(MAX(number), 0) AS number FROM api_keys")
            .fetch_one(self.connection())
            .await?;
        let last: i64 = row.try_get("number")?;
        let rows: Vec<NewRow> = keys
            .iter()
            .zip(last + 1..)
            .map(|(key, number)| NewRow::of(key, number))
            .collect::<Result<_, _>>()?;
        let rows = serde_json::to_string(&rows).map_err(|e| StoreError::damaged("keys", e))?;
        sqlx::query(INSERT.text(self.dialect)).bind(rows).execute(self.connection()).await?;
        let ids: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
        self.note_texts(&ids).await?;
        let made = |(key, number): (&NewApiKey, i64)| ApiKey {
            id: key.id,
            number,
            owner: key.owner,
            name: key.name.clone(),
            masked: key.masked.clone(),
            digest: key.digest,
            policy: key.policy.clone(),
            soft_limit: key.soft_limit,
            tags: key.tags.clone(),
            metadata: key.metadata.clone(),
            created_at: key.created_at,
            revoked_at: key.policy.revoked.then_some(key.created_at),
            rotated_at: None,
            deleted: false,
            version: 1,
        };
        Ok(keys.iter().zip(last + 1..).map(made).collect())
    }
}

/// A key's columns in the order of [`INSERT`].
#[derive(Serialize)]
struct NewRow<'k>(
    (KeyId, i64, UserId, &'k str, String, &'k str, &'static str, String),
    [Option<i64>; 10],
    (Option<String>, &'static str, String, String, String, String, String),
    (i64, Option<i64>, i64),
);

impl<'k> NewRow<'k> {
    fn of(key: &'k NewApiKey, number: i64) -> Result<Self, StoreError> {
        let policy = &key.policy;
        let tokens =
            |count: Option<u64>| count.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        let amount = |nanos: Option<Nanos>| nanos.map(Nanos::get);
        let soft = key.soft_limit.as_ref().map(|limit| json("api_keys.soft_limit", limit));
        Ok(Self(
            (
                key.id,
                number,
                key.owner,
                &key.name,
                key.digest.to_hex(),
                &key.masked,
                policy.billing_method.name(),
                policy.permissions.to_text(),
            ),
            [
                policy.expires_at.map(UnixMillis::get),
                amount(policy.quota),
                policy.daily.requests,
                amount(policy.daily.amount),
                policy.monthly.requests,
                amount(policy.monthly.amount),
                policy.rates.requests_per_minute.map(i64::from),
                tokens(policy.rates.tokens_per_minute),
                policy.rates.parallel.map(i64::from),
                tokens(policy.max_tokens_per_request),
            ],
            (
                soft.transpose()?,
                when_short(policy.when_short),
                json("api_keys.allowed_models", &policy.allowed_models)?,
                json("api_keys.ip_allowlist", &policy.ip_allowlist)?,
                json("api_keys.groups", &policy.groups)?,
                json("api_keys.tags", &key.tags)?,
                json("api_keys.metadata", &key.metadata)?,
            ),
            (
                i64::from(policy.disabled),
                policy.revoked.then_some(key.created_at.get()),
                key.created_at.get(),
            ),
        ))
    }
}

const THESE: PerDialect = PerDialect {
    sqlite: concat!(
        "SELECT ",
        columns!(),
        " FROM api_keys WHERE id IN (SELECT value FROM json_each($1)) \
         AND ($2 = '' OR owner_id = $2) AND deleted_at IS NULL"
    ),
    postgres: concat!(
        "SELECT ",
        columns!(),
        " FROM api_keys WHERE id IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value)) \
         AND ($2 = '' OR owner_id = $2) AND deleted_at IS NULL"
    ),
};

const USED: PerDialect = PerDialect {
    sqlite: "SELECT digest FROM api_keys WHERE digest IN (SELECT value FROM json_each($1)) \
             UNION SELECT digest FROM previous_key_values WHERE digest IN (SELECT value FROM json_each($1))",
    postgres: "SELECT digest FROM api_keys \
               WHERE digest IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value)) \
               UNION SELECT digest FROM previous_key_values \
               WHERE digest IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value))",
};

macro_rules! insert {
    ($from:literal) => {
        concat!(
            "INSERT INTO api_keys (id, number, owner_id, name, digest, masked, billing_method, permissions, \
             expires_at, quota, daily_requests, daily_amount, monthly_requests, monthly_amount, \
             requests_per_minute, tokens_per_minute, parallel, max_tokens_per_request, \
             soft_limit, when_short, allowed_models, ip_allowlist, groups, tags, metadata, \
             disabled, revoked_at, created_at, version) \
             SELECT a ->> 0, CAST(a ->> 1 AS BIGINT), a ->> 2, a ->> 3, a ->> 4, a ->> 5, a ->> 6, a ->> 7, \
             CAST(b ->> 0 AS BIGINT), CAST(b ->> 1 AS BIGINT), CAST(b ->> 2 AS BIGINT), CAST(b ->> 3 AS BIGINT), \
             CAST(b ->> 4 AS BIGINT), CAST(b ->> 5 AS BIGINT), CAST(b ->> 6 AS BIGINT), CAST(b ->> 7 AS BIGINT), \
             CAST(b ->> 8 AS BIGINT), CAST(b ->> 9 AS BIGINT), \
             c ->> 0, c ->> 1, c ->> 2, c ->> 3, c ->> 4, c ->> 5, c ->> 6, \
             CAST(d ->> 0 AS BIGINT), CAST(d ->> 1 AS BIGINT), CAST(d ->> 2 AS BIGINT), 1 \
             FROM (SELECT value -> 0 AS a, value -> 1 AS b, value -> 2 AS c, value -> 3 AS d FROM ",
            $from,
            ") AS parts WHERE true"
        )
    };
}

const INSERT: PerDialect = PerDialect {
    sqlite: insert!("json_each($1)"),
    postgres: insert!("json_array_elements(CAST($1 AS json)) AS j(value)"),
};
