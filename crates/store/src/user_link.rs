//! One-time links: the set-up of the first owner, invitations, password resets.
//!
//! Only the SHA-256 of a link's secret is stored.

use domain::id::UserId;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// The first owner sets a password.
    Setup,
    /// An invited user sets a password.
    Invite,
    /// A user sets another password.
    Reset,
}

impl LinkPurpose {
    /// The name in the database and in the link.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Invite => "invite",
            Self::Reset => "reset",
        }
    }

    /// The purpose behind a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Setup, Self::Invite, Self::Reset].into_iter().find(|purpose| purpose.name() == name)
    }
}

/// The SHA-256 of a link's secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LinkDigest([u8; 32]);

impl LinkDigest {
    /// A digest from its bytes.
    #[must_use]
    pub const fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserLink {
    /// Who may use it.
    pub user: UserId,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// When it ends by itself.
    pub expires_at: UnixMillis,
}

impl Database {
    /// A link that can still be used; it stays so.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such, or it is used up or has expired.
    pub async fn user_link(
        &self,
        digest: LinkDigest,
        now: UnixMillis,
    ) -> Result<UserLink, StoreError> {
        let row = sqlx::query(
            "SELECT user_id, purpose, expires_at FROM user_links \
             WHERE digest = $1 AND used_at IS NULL AND expires_at > $2",
        )
        .bind(digest.to_hex())
        .bind(now.get())
        .fetch_one(self.readers())
        .await?;
        from_row(&row)
    }
}

impl Transaction {
    /// Makes a link.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such user.
    pub async fn insert_user_link(
        &mut self,
        digest: LinkDigest,
        link: &UserLink,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO user_links (digest, user_id, purpose, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(digest.to_hex())
        .bind(link.user.to_string())
        .bind(link.purpose.name())
        .bind(link.expires_at.get())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Uses a link up. Of several who try at once, one succeeds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such, or it is used up or has expired.
    pub async fn take_user_link(
        &mut self,
        digest: LinkDigest,
        now: UnixMillis,
    ) -> Result<UserLink, StoreError> {
        let row = sqlx::query(
            "UPDATE user_links SET used_at = $1 WHERE digest = $2 AND used_at IS NULL AND expires_at > $1 \
             RETURNING user_id, purpose, expires_at",
        )
        .bind(now.get())
        .bind(digest.to_hex())
        .fetch_one(self.connection())
        .await?;
        from_row(&row)
    }

    /// Uses up every link of a user, as before a new one is made and after a password is set.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn withdraw_user_links(
        &mut self,
        user: UserId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE user_links SET used_at = $1 WHERE user_id = $2 AND used_at IS NULL")
            .bind(now.get())
            .bind(user.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn from_row(row: &AnyRow) -> Result<UserLink, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(UserLink {
        user: text("user_id")?.parse().map_err(|e| StoreError::damaged("user_links.user_id", e))?,
        purpose: LinkPurpose::from_name(&text("purpose")?)
            .ok_or_else(|| StoreError::damaged("user_links.purpose", "unknown name"))?,
        expires_at: UnixMillis::new(row.try_get("expires_at")?),
    })
}
