//! How a user gets in: found by what they type, a password set, everything reset.

use domain::id::{SessionId, UserId};
use domain::secret::Secret;
use domain::time::UnixMillis;
use domain::user::Role;
use sqlx::Row;

use super::{User, columns, from_row};
use crate::database::{Database, Transaction};
use crate::error::StoreError;
use crate::user_link::{LinkDigest, LinkPurpose, UserLink};

impl Database {
    /// The user whom a text means: their e-mail address, else a name that only one has.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<User>, StoreError> {
        if let Some(user) = self.user_by_email(login).await? {
            return Ok(Some(user));
        }
        let rows =
            sqlx::query(concat!("SELECT ", columns!(), " FROM users WHERE name = $1 LIMIT 2"))
                .bind(login)
                .fetch_all(self.readers())
                .await?;
        match rows.as_slice() {
            [row] => from_row(row).map(Some),
            _ => Ok(None),
        }
    }
}

impl Transaction {
    /// Gives a user a password. All their sessions but one end, and no link works any more.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such user.
    pub async fn set_password(
        &mut self,
        user: UserId,
        hash: &Secret,
        but: Option<SessionId>,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let done =
            sqlx::query("UPDATE users SET password_hash = $1, version = version + 1 WHERE id = $2")
                .bind(hash.expose())
                .bind(user.to_string())
                .execute(self.connection())
                .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::NotFound);
        }
        self.withdraw_user_links(user, now).await?;
        self.end_sessions(user, but, now).await
    }

    /// Takes a user's password away and gives them a link for another one. All their sessions end;
    /// the second factor goes too, if that is asked for.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such user.
    pub async fn reset_user(
        &mut self,
        user: UserId,
        link: LinkDigest,
        ends_at: UnixMillis,
        without_totp: bool,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE users SET password_hash = NULL, version = version + 1 WHERE id = $1",
        )
        .bind(user.to_string())
        .execute(self.connection())
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::NotFound);
        }
        self.withdraw_user_links(user, now).await?;
        let reset = UserLink { user, purpose: LinkPurpose::Reset, expires_at: ends_at };
        self.insert_user_link(link, &reset).await?;
        if without_totp {
            self.remove_totp(user).await?;
        }
        self.end_sessions(user, None, now).await
    }

    /// Whether a user is an owner who can log in. One transaction at a time gets to know: two
    /// owners cannot shut each other out.
    pub(super) async fn lock_if_owner(&mut self, user: UserId) -> Result<bool, StoreError> {
        sqlx::query("UPDATE deployment SET value = value WHERE name = 'owners'")
            .execute(self.connection())
            .await?;
        let row = sqlx::query("SELECT id FROM users WHERE id = $1 AND role = $2 AND disabled = 0")
            .bind(user.to_string())
            .bind(Role::Owner.name())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.is_some())
    }

    /// How many owners can log in, as the transaction sees it.
    pub(super) async fn count_active_owners(&mut self) -> Result<i64, StoreError> {
        let row =
            sqlx::query("SELECT COUNT(*) AS count FROM users WHERE role = $1 AND disabled = 0")
                .bind(Role::Owner.name())
                .fetch_one(self.connection())
                .await?;
        Ok(row.try_get("count")?)
    }
}
