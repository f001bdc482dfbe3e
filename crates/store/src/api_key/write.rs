//! Keys made, edited and ended.

use domain::id::{KeyId, UserId};
use domain::time::UnixMillis;
use sqlx::any::AnyRow;

use super::row::{Terms, columns, from_row};
use super::{ApiKey, NewApiKey};
use crate::database::Transaction;
use crate::error::StoreError;

impl Transaction {
    /// Makes a key and gives it the next number. With an allowance, only if the owner has fewer
    /// keys than that which are neither revoked nor deleted; exact under parallel calls.
    ///
    /// # Errors
    /// [`StoreError::AllowanceReached`] when the owner has that many, [`StoreError::NotFound`] when
    /// there is no such owner, [`StoreError::Conflict`] when the value is in use.
    pub async fn insert_api_key(
        &mut self,
        key: &NewApiKey,
        allowance: Option<i64>,
    ) -> Result<ApiKey, StoreError> {
        self.lock_user(key.owner).await?;
        self.check_allowance(key.owner, 1, allowance).await?;
        let terms = Terms {
            name: &key.name,
            policy: &key.policy,
            soft_limit: key.soft_limit.as_ref(),
            tags: &key.tags,
            metadata: &key.metadata,
        };
        loop {
            // Another transaction may take the same number: then this waits for it and tries again.
            let query = sqlx::query(concat!(
                "INSERT INTO api_keys (name, permissions, expires_at, quota, daily_requests, daily_amount, \
                 monthly_requests, monthly_amount, soft_limit, requests_per_minute, tokens_per_minute, parallel, \
                 max_tokens_per_request, when_short, allowed_models, ip_allowlist, groups, tags, metadata, disabled, \
                 id, owner_id, digest, masked, billing_method, revoked_at, created_at, number, version) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
                 $21, $22, $23, $24, $25, $26, $27, (SELECT COALESCE(MAX(number), 0) + 1 FROM api_keys), 1) \
                 ON CONFLICT (number) DO NOTHING RETURNING ",
                columns!()
            ));
            let row = terms
                .bind(query)?
                .bind(key.id.to_string())
                .bind(key.owner.to_string())
                .bind(key.digest.to_hex())
                .bind(&key.masked)
                .bind(key.policy.billing_method.name())
                .bind(key.policy.revoked.then_some(key.created_at.get()))
                .bind(key.created_at.get())
                .fetch_optional(self.connection())
                .await?;
            if let Some(row) = row {
                self.note_texts(&[key.id]).await?;
                self.about(key.id);
                return from_row(&row);
            }
        }
    }

    /// Writes everything of a key that can be edited (not the value, the billing method or whether
    /// it is revoked), if the key still has the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has another, [`StoreError::NotFound`] when it is deleted.
    pub async fn update_api_key(&mut self, key: &ApiKey) -> Result<ApiKey, StoreError> {
        let terms = Terms {
            name: &key.name,
            policy: &key.policy,
            soft_limit: key.soft_limit.as_ref(),
            tags: &key.tags,
            metadata: &key.metadata,
        };
        let query = sqlx::query(concat!(
            "UPDATE api_keys SET name = $1, permissions = $2, expires_at = $3, quota = $4, daily_requests = $5, \
             daily_amount = $6, monthly_requests = $7, monthly_amount = $8, soft_limit = $9, requests_per_minute = $10, \
             tokens_per_minute = $11, parallel = $12, max_tokens_per_request = $13, when_short = $14, \
             allowed_models = $15, ip_allowlist = $16, groups = $17, tags = $18, metadata = $19, disabled = $20, \
             version = version + 1 \
             WHERE id = $21 AND owner_id = $22 AND version = $23 AND deleted_at IS NULL RETURNING ",
            columns!()
        ));
        let row = terms
            .bind(query)?
            .bind(key.id.to_string())
            .bind(key.owner.to_string())
            .bind(key.version)
            .fetch_optional(self.connection())
            .await?;
        self.note_texts(&[key.id]).await?;
        self.changed_key(row, key.id, Some(key.owner)).await
    }

    /// Switches a key off or on; with an owner, only if it is theirs, and with a version, only if
    /// it still has that one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such key, [`StoreError::Stale`] when it was changed.
    pub async fn set_api_key_disabled(
        &mut self,
        id: KeyId,
        owner: Option<UserId>,
        disabled: bool,
        version: Option<i64>,
    ) -> Result<ApiKey, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE api_keys SET disabled = $1, version = version + 1 \
             WHERE id = $2 AND ($3 = '' OR owner_id = $3) AND ($4 = 0 OR version = $4) AND deleted_at IS NULL RETURNING ",
            columns!()
        ))
        .bind(i64::from(disabled))
        .bind(id.to_string())
        .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
        .bind(version.unwrap_or_default())
        .fetch_optional(self.connection())
        .await?;
        self.changed_key(row, id, owner).await
    }

    /// Ends a key for ever; it stays in the lists. A second time it changes nothing. With a
    /// version, only if the key still has that one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such key, [`StoreError::Stale`] when it was changed.
    pub async fn revoke_api_key(
        &mut self,
        id: KeyId,
        owner: Option<UserId>,
        now: UnixMillis,
        version: Option<i64>,
    ) -> Result<ApiKey, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE api_keys SET version = CASE WHEN revoked_at IS NULL THEN version + 1 ELSE version END, \
             revoked_at = COALESCE(revoked_at, $1) \
             WHERE id = $2 AND ($3 = '' OR owner_id = $3) AND ($4 = 0 OR version = $4) AND deleted_at IS NULL RETURNING ",
            columns!()
        ))
        .bind(now.get())
        .bind(id.to_string())
        .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
        .bind(version.unwrap_or_default())
        .fetch_optional(self.connection())
        .await?;
        self.forget_sealed_key(id).await?;
        self.changed_key(row, id, owner).await
    }

    /// Ends a key for ever and takes it off the lists; its row stays for the books. With a version,
    /// only if the key still has that one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such key, or it is deleted already,
    /// [`StoreError::Stale`] when it was changed.
    pub async fn delete_api_key(
        &mut self,
        id: KeyId,
        owner: Option<UserId>,
        now: UnixMillis,
        version: Option<i64>,
    ) -> Result<ApiKey, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $1), deleted_at = $1, version = version + 1 \
             WHERE id = $2 AND ($3 = '' OR owner_id = $3) AND ($4 = 0 OR version = $4) AND deleted_at IS NULL RETURNING ",
            columns!()
        ))
        .bind(now.get())
        .bind(id.to_string())
        .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
        .bind(version.unwrap_or_default())
        .fetch_optional(self.connection())
        .await?;
        self.forget_sealed_key(id).await?;
        self.changed_key(row, id, owner).await
    }

    /// The key that a change met; else whether it met another version, or no key at all.
    pub(super) async fn changed_key(
        &mut self,
        row: Option<AnyRow>,
        id: KeyId,
        owner: Option<UserId>,
    ) -> Result<ApiKey, StoreError> {
        if let Some(row) = row {
            return from_row(&row);
        }
        let found = sqlx::query(
            "SELECT id FROM api_keys WHERE id = $1 AND ($2 = '' OR owner_id = $2) AND deleted_at IS NULL",
        )
        .bind(id.to_string())
        .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
        .fetch_optional(self.connection())
        .await?;
        Err(if found.is_some() { StoreError::Stale } else { StoreError::NotFound })
    }
}
