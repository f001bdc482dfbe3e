//! Sessions: browsers that somebody is logged in with. Only a keyed hash of the cookie is stored.

use domain::id::{SessionId, UserId};
use domain::key::KeyDigest;
use domain::time::UnixMillis;
use domain::user::Role;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// Who is logged in.
    pub user: UserId,
    /// From which address they logged in.
    pub client_ip: String,
    /// With which program.
    pub user_agent: String,
    /// When they logged in.
    pub created_at: UnixMillis,
    /// When it was last used, to the minute.
    pub last_seen_at: UnixMillis,
    /// When the password was last proved.
    pub proved_at: UnixMillis,
    /// When it ends, however much it is used.
    pub expires_at: UnixMillis,
}

/// A session together with what its user may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedSession {
    /// The session.
    pub session: Session,
    /// What its user may do.
    pub role: Role,
    /// Whether its user is shut out.
    pub user_disabled: bool,
}

impl Database {
    /// The session of a cookie, if it goes on: not ended, not expired, and used after `idle_since`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such.
    pub async fn session_by_digest(
        &self,
        digest: KeyDigest,
        now: UnixMillis,
        idle_since: UnixMillis,
    ) -> Result<OwnedSession, StoreError> {
        let row = sqlx::query(
            "SELECT s.id, s.user_id, s.client_ip, s.user_agent, s.created_at, s.last_seen_at, s.proved_at, s.expires_at, \
             u.role, u.disabled FROM sessions AS s JOIN users AS u ON u.id = s.user_id \
             WHERE s.digest = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND s.last_seen_at > $3",
        )
        .bind(digest.to_hex())
        .bind(now.get())
        .bind(idle_since.get())
        .fetch_one(self.readers())
        .await?;
        Ok(OwnedSession {
            session: from_row(&row)?,
            role: Role::from_name(&row.try_get::<String, _>("role")?)
                .ok_or_else(|| StoreError::damaged("users.role", "unknown name"))?,
            user_disabled: row.try_get::<i64, _>("disabled")? != 0,
        })
    }

    /// A user's sessions that go on, the newest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn sessions(
        &self,
        user: UserId,
        now: UnixMillis,
        idle_since: UnixMillis,
    ) -> Result<Vec<Session>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, user_id, client_ip, user_agent, created_at, last_seen_at, proved_at, expires_at FROM sessions \
             WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 AND last_seen_at > $3 \
             ORDER BY id DESC LIMIT 200",
        )
        .bind(user.to_string())
        .bind(now.get())
        .bind(idle_since.get())
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }
}

impl Transaction {
    /// Makes a session. Rows that ended long ago are swept away meanwhile.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn insert_session(
        &mut self,
        session: &Session,
        digest: KeyDigest,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND expires_at < $2")
            .bind(session.user.to_string())
            .bind(session.created_at.get())
            .execute(self.connection())
            .await?;
        sqlx::query(
            "INSERT INTO sessions (id, user_id, digest, client_ip, user_agent, created_at, last_seen_at, proved_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(session.id.to_string())
        .bind(session.user.to_string())
        .bind(digest.to_hex())
        .bind(&session.client_ip)
        .bind(&session.user_agent)
        .bind(session.created_at.get())
        .bind(session.last_seen_at.get())
        .bind(session.proved_at.get())
        .bind(session.expires_at.get())
        .execute(self.connection())
        .await?;
        self.about(session.id);
        Ok(())
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn session_seen(&mut self, id: SessionId, now: UnixMillis) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET last_seen_at = $1 WHERE id = $2 AND last_seen_at < $1")
            .bind(now.get())
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Notes that the session's user has just proved the password.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn session_proved(
        &mut self,
        id: SessionId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET proved_at = $1 WHERE id = $2")
            .bind(now.get())
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Ends a user's session.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such session of theirs that goes on.
    pub async fn end_session(
        &mut self,
        id: SessionId,
        user: UserId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE sessions SET ended_at = $1 WHERE id = $2 AND user_id = $3 AND ended_at IS NULL",
        )
        .bind(now.get())
        .bind(id.to_string())
        .bind(user.to_string())
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NotFound) }
    }

    /// Ends all sessions of a user but one.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn end_sessions(
        &mut self,
        user: UserId,
        but: Option<SessionId>,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE sessions SET ended_at = $1 WHERE user_id = $2 AND id <> $3 AND ended_at IS NULL",
        )
        .bind(now.get())
        .bind(user.to_string())
        .bind(but.map(|id| id.to_string()).unwrap_or_default())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn from_row(row: &AnyRow) -> Result<Session, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let time = |column: &str| row.try_get::<i64, _>(column).map(UnixMillis::new);
    Ok(Session {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("sessions.id", e))?,
        user: text("user_id")?.parse().map_err(|e| StoreError::damaged("sessions.user_id", e))?,
        client_ip: text("client_ip")?,
        user_agent: text("user_agent")?,
        created_at: time("created_at")?,
        last_seen_at: time("last_seen_at")?,
        proved_at: time("proved_at")?,
        expires_at: time("expires_at")?,
    })
}
