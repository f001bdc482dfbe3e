//! What a user chose for themselves, and their second factor.
//!
//! The secret of one-time codes is sealed by whoever hands it in; a step's code counts once,
//! because the step is moved on in one statement. Recovery codes are kept as keyed hashes.

use domain::id::UserId;
use domain::key::KeyDigest;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// What a user chose.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct UserProfile {
    /// The language of pages, such as `zh-CN`; none: the browser's.
    pub language: Option<String>,
    /// `light` or `dark`; none: the browser's.
    pub theme: Option<String>,
    /// The sealed secret of one-time codes, where they are on.
    pub totp_secret: Option<String>,
    /// The sealed secret that is about to be confirmed.
    pub totp_pending: Option<String>,
}

/// An edit: what is none stays as it is, `Some(None)` takes it away.
#[derive(Default)]
pub struct ProfileChange {
    /// The language of pages.
    pub language: Option<Option<String>>,
    /// The theme of pages.
    pub theme: Option<Option<String>>,
}

impl Database {
    /// What a user chose; nothing, if they never did.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn user_profile(&self, user: UserId) -> Result<UserProfile, StoreError> {
        let row = sqlx::query(
            "SELECT language, theme, totp_secret, totp_pending FROM user_profiles WHERE user_id = $1",
        )
        .bind(user.to_string())
        .fetch_optional(self.readers())
        .await?;
        Ok(row.as_ref().map(from_row).transpose()?.unwrap_or_default())
    }

    /// How many recovery codes a user has left.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn count_recovery_codes(&self, user: UserId) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS count FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL",
        )
        .bind(user.to_string())
        .fetch_one(self.readers())
        .await?;
        Ok(row.try_get("count")?)
    }
}

impl Transaction {
    /// What a user chose, as the transaction sees it; nothing, if they never did.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn user_profile(&mut self, user: UserId) -> Result<UserProfile, StoreError> {
        let row = sqlx::query(
            "SELECT language, theme, totp_secret, totp_pending FROM user_profiles WHERE user_id = $1",
        )
        .bind(user.to_string())
        .fetch_optional(self.connection())
        .await?;
        Ok(row.as_ref().map(from_row).transpose()?.unwrap_or_default())
    }

    /// Edits what a user chose.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn update_profile(
        &mut self,
        user: UserId,
        change: &ProfileChange,
    ) -> Result<(), StoreError> {
        self.ensure_profile(user).await?;
        sqlx::query(
            "UPDATE user_profiles SET \
             language = CASE WHEN $1 = 1 THEN CAST($2 AS TEXT) ELSE language END, \
             theme = CASE WHEN $3 = 1 THEN CAST($4 AS TEXT) ELSE theme END WHERE user_id = $5",
        )
        .bind(i64::from(change.language.is_some()))
        .bind(change.language.clone().flatten())
        .bind(i64::from(change.theme.is_some()))
        .bind(change.theme.clone().flatten())
        .bind(user.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Keeps the sealed secret that is about to be confirmed; none: there is none any more.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn set_pending_totp(
        &mut self,
        user: UserId,
        sealed: Option<&str>,
    ) -> Result<(), StoreError> {
        self.ensure_profile(user).await?;
        sqlx::query("UPDATE user_profiles SET totp_pending = CAST($1 AS TEXT) WHERE user_id = $2")
            .bind(sealed)
            .bind(user.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Puts the pending secret in force, if it is still the one that was confirmed.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it is not.
    pub async fn confirm_totp(
        &mut self,
        user: UserId,
        sealed: &str,
        step: i64,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE user_profiles SET totp_secret = totp_pending, totp_pending = NULL, totp_step = $1 \
             WHERE user_id = $2 AND totp_pending = $3",
        )
        .bind(step)
        .bind(user.to_string())
        .bind(sealed)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// Uses up a step's code, and those of the steps before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it was used before.
    pub async fn take_totp_step(&mut self, user: UserId, step: i64) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE user_profiles SET totp_step = $1 WHERE user_id = $2 AND totp_step < $1",
        )
        .bind(step)
        .bind(user.to_string())
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NotFound) }
    }

    /// Takes the second factor away, recovery codes included.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn remove_totp(&mut self, user: UserId) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE user_profiles SET totp_secret = NULL, totp_pending = NULL WHERE user_id = $1",
        )
        .bind(user.to_string())
        .execute(self.connection())
        .await?;
        self.set_recovery_codes(user, &[]).await
    }

    /// Gives a user these recovery codes; earlier ones end.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn set_recovery_codes(
        &mut self,
        user: UserId,
        digests: &[KeyDigest],
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
            .bind(user.to_string())
            .execute(self.connection())
            .await?;
        for digest in digests {
            sqlx::query("INSERT INTO recovery_codes (user_id, digest) VALUES ($1, $2)")
                .bind(user.to_string())
                .bind(digest.to_hex())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Uses up a recovery code. Of several who try at once, one succeeds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is none of the user's, or used up.
    pub async fn take_recovery_code(
        &mut self,
        user: UserId,
        digest: KeyDigest,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE recovery_codes SET used_at = $1 WHERE user_id = $2 AND digest = $3 AND used_at IS NULL",
        )
        .bind(now.get())
        .bind(user.to_string())
        .bind(digest.to_hex())
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NotFound) }
    }

    async fn ensure_profile(&mut self, user: UserId) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO user_profiles (user_id, totp_step) VALUES ($1, 0) ON CONFLICT (user_id) DO NOTHING",
        )
        .bind(user.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn from_row(row: &AnyRow) -> Result<UserProfile, StoreError> {
    Ok(UserProfile {
        language: row.try_get("language")?,
        theme: row.try_get("theme")?,
        totp_secret: row.try_get("totp_secret")?,
        totp_pending: row.try_get("totp_pending")?,
    })
}
