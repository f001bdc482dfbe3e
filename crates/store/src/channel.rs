//! Channels: upstream accounts at providers.
//!
//! A channel's secrets are sealed before they come here; this crate never sees one in the clear.

mod settings;

pub use settings::{ChannelSettings, Timeouts};

use domain::id::ChannelId;
use domain::time::UnixMillis;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// A secret under the master key, as text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealedSecret(String);

impl SealedSecret {
    /// Takes what the cipher wrote.
    #[must_use]
    pub const fn new(sealed: String) -> Self {
        Self(sealed)
    }

    /// What the cipher wrote.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedSecret(…)")
    }
}

/// A model that a channel serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelMapping {
    /// What clients call it.
    pub name: String,
    /// What the upstream calls it.
    pub upstream: String,
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The channel.
    pub id: ChannelId,
    /// What its operator calls it.
    pub name: String,
    /// Whose interface it speaks: `openai`, `anthropic`, `gemini`, …
    pub provider: String,
    /// Where it is.
    pub base_url: String,
    /// What it is authorised with; several take turns.
    pub secrets: Vec<SealedSecret>,
    /// What it serves.
    pub models: Vec<ModelMapping>,
    /// The groups that it belongs to.
    pub groups: Vec<String>,
    /// Higher is tried first.
    pub priority: i64,
    /// Share of the calls among channels of the same priority.
    pub weight: u32,
    /// Everything else.
    pub settings: ChannelSettings,
    /// Switched off by its operator.
    pub disabled: bool,
    /// When it was made.
    pub created_at: UnixMillis,
    /// Rises with each edit.
    pub version: i64,
}

macro_rules! columns {
    () => {
        "id, name, provider, base_url, secrets, models, groups, priority, weight, settings, disabled, created_at, version"
    };
}

impl Database {
    /// A channel that is not deleted.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such.
    pub async fn channel(&self, id: ChannelId) -> Result<Channel, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM channels WHERE id = $1 AND deleted_at IS NULL"
        ))
        .bind(id.to_string())
        .fetch_one(self.readers())
        .await?;
        from_row(&row)
    }

    /// Every channel that is not deleted, oldest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn channels(&self) -> Result<Vec<Channel>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM channels WHERE deleted_at IS NULL ORDER BY id"
        ))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }
}

impl Transaction {
    /// Makes a channel; its version starts at 1 whatever the argument says.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the name is taken.
    pub async fn insert_channel(&mut self, channel: &Channel) -> Result<Channel, StoreError> {
        let stored = Stored::of(channel)?;
        let row = sqlx::query(concat!(
            "INSERT INTO channels (name, provider, base_url, secrets, models, groups, priority, weight, settings, \
             disabled, id, created_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1) RETURNING ",
            columns!()
        ))
        .bind(&channel.name)
        .bind(&channel.provider)
        .bind(&channel.base_url)
        .bind(stored.secrets)
        .bind(stored.models)
        .bind(stored.groups)
        .bind(channel.priority)
        .bind(i64::from(channel.weight))
        .bind(stored.settings)
        .bind(i64::from(channel.disabled))
        .bind(channel.id.to_string())
        .bind(channel.created_at.get())
        .fetch_one(self.connection())
        .await?;
        self.about(channel.id);
        from_row(&row)
    }

    /// Writes everything of a channel that can be edited, if it still has the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has another, [`StoreError::NotFound`] when it is deleted,
    /// [`StoreError::Conflict`] when the name is taken.
    pub async fn update_channel(&mut self, channel: &Channel) -> Result<Channel, StoreError> {
        let stored = Stored::of(channel)?;
        let row = sqlx::query(concat!(
            "UPDATE channels SET name = $1, provider = $2, base_url = $3, secrets = $4, models = $5, groups = $6, \
             priority = $7, weight = $8, settings = $9, disabled = $10, version = version + 1 \
             WHERE id = $11 AND version = $12 AND deleted_at IS NULL RETURNING ",
            columns!()
        ))
        .bind(&channel.name)
        .bind(&channel.provider)
        .bind(&channel.base_url)
        .bind(stored.secrets)
        .bind(stored.models)
        .bind(stored.groups)
        .bind(channel.priority)
        .bind(i64::from(channel.weight))
        .bind(stored.settings)
        .bind(i64::from(channel.disabled))
        .bind(channel.id.to_string())
        .bind(channel.version)
        .fetch_optional(self.connection())
        .await?;
        match row {
            Some(row) => from_row(&row),
            None => Err(self.missing_channel(channel.id).await?),
        }
    }

    /// A channel as it is until the transaction ends.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such.
    pub async fn lock_channel(&mut self, id: ChannelId) -> Result<Channel, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE channels SET version = version WHERE id = $1 AND deleted_at IS NULL RETURNING ",
            columns!()
        ))
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?;
        from_row(&row)
    }

    /// Takes a channel out of service for ever; with a version, only if it still has that one. Its row stays for the books; its secrets (and its
    /// settings, which may hold a proxy's login) are wiped and its name is free again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such, [`StoreError::Stale`] when it has another
    /// version.
    pub async fn delete_channel(
        &mut self,
        id: ChannelId,
        now: UnixMillis,
        version: Option<i64>,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE channels SET deleted_at = $1, secrets = '[]', settings = '{}', name = name || ' (deleted ' || id || ')', \
             version = version + 1 WHERE id = $2 AND deleted_at IS NULL AND ($3 = -1 OR version = $3)",
        )
        .bind(now.get())
        .bind(id.to_string())
        .bind(version.unwrap_or(-1))
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(self.missing_channel(id).await?) }
    }

    /// Whether an edit that met no row met another version, or no channel at all.
    async fn missing_channel(&mut self, id: ChannelId) -> Result<StoreError, StoreError> {
        let found = sqlx::query("SELECT id FROM channels WHERE id = $1 AND deleted_at IS NULL")
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        Ok(if found.is_some() { StoreError::Stale } else { StoreError::NotFound })
    }
}

/// The columns that are JSON.
struct Stored {
    secrets: String,
    models: String,
    groups: String,
    settings: String,
}

impl Stored {
    fn of(channel: &Channel) -> Result<Self, StoreError> {
        let secrets: Vec<&str> = channel.secrets.iter().map(SealedSecret::as_str).collect();
        Ok(Self {
            secrets: serde_json::to_string(&secrets)
                .map_err(|e| StoreError::damaged("channels.secrets", e))?,
            models: serde_json::to_string(&channel.models)
                .map_err(|e| StoreError::damaged("channels.models", e))?,
            groups: serde_json::to_string(&channel.groups)
                .map_err(|e| StoreError::damaged("channels.groups", e))?,
            settings: serde_json::to_string(&channel.settings)
                .map_err(|e| StoreError::damaged("channels.settings", e))?,
        })
    }
}

fn from_row(row: &AnyRow) -> Result<Channel, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    // The reason is not passed on: it could quote a part of the value.
    let secrets: Vec<String> = serde_json::from_str(&text("secrets")?)
        .map_err(|_| StoreError::damaged("channels.secrets", "expected a list of texts"))?;
    Ok(Channel {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("channels.id", e))?,
        name: text("name")?,
        provider: text("provider")?,
        base_url: text("base_url")?,
        secrets: secrets.into_iter().map(SealedSecret::new).collect(),
        models: serde_json::from_str(&text("models")?)
            .map_err(|e| StoreError::damaged("channels.models", e))?,
        groups: serde_json::from_str(&text("groups")?)
            .map_err(|e| StoreError::damaged("channels.groups", e))?,
        priority: row.try_get("priority")?,
        weight: u32::try_from(row.try_get::<i64, _>("weight")?)
            .map_err(|e| StoreError::damaged("channels.weight", e))?,
        settings: serde_json::from_str(&text("settings")?)
            .map_err(|e| StoreError::damaged("channels.settings", e))?,
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        created_at: UnixMillis::new(row.try_get("created_at")?),
        version: row.try_get("version")?,
    })
}
