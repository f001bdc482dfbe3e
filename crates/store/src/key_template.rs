//! Templates for keys: a user's own sets of fields under a name.

use domain::id::UserId;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTemplate {
    /// Whose it is.
    pub owner: UserId,
    /// What keys refer to it by.
    pub name: String,
    /// The fields, as a JSON text.
    pub body: String,
    /// When it was made.
    pub created_at: UnixMillis,
    /// Rises with each edit.
    pub version: i64,
}

impl Database {
    /// A user's templates, by name.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn key_templates(&self, owner: UserId) -> Result<Vec<KeyTemplate>, StoreError> {
        let rows = sqlx::query(
            "SELECT owner_id, name, body, created_at, version FROM key_templates \
             WHERE owner_id = $1 ORDER BY name",
        )
        .bind(owner.to_string())
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// A user's template of a name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when they have none of it.
    pub async fn key_template(&self, owner: UserId, name: &str) -> Result<KeyTemplate, StoreError> {
        let row = sqlx::query(
            "SELECT owner_id, name, body, created_at, version FROM key_templates \
             WHERE owner_id = $1 AND name = $2",
        )
        .bind(owner.to_string())
        .bind(name)
        .fetch_one(self.readers())
        .await?;
        from_row(&row)
    }
}

impl Transaction {
    /// A template, if there is one, as it is until the transaction ends.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn lock_key_template(
        &mut self,
        owner: UserId,
        name: &str,
    ) -> Result<Option<KeyTemplate>, StoreError> {
        let row = sqlx::query(
            "UPDATE key_templates SET version = version WHERE owner_id = $1 AND name = $2 \
             RETURNING owner_id, name, body, created_at, version",
        )
        .bind(owner.to_string())
        .bind(name)
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Makes a template or replaces what it says; with a version, only if it still has that one, and
    /// with the version 0, only if there is none.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has another, or is gone.
    pub async fn set_key_template(
        &mut self,
        template: &KeyTemplate,
        version: Option<i64>,
    ) -> Result<KeyTemplate, StoreError> {
        if let Some(version) = version.filter(|version| *version > 0) {
            return self.replace_key_template(template, version).await;
        }
        let row = sqlx::query(
            "INSERT INTO key_templates (owner_id, name, body, created_at, version) VALUES ($1, $2, $3, $4, 1) \
             ON CONFLICT (owner_id, name) DO UPDATE SET body = excluded.body, version = key_templates.version + 1 \
             WHERE $5 = -1 \
             RETURNING owner_id, name, body, created_at, version",
        )
        .bind(template.owner.to_string())
        .bind(&template.name)
        .bind(&template.body)
        .bind(template.created_at.get())
        .bind(version.unwrap_or(-1))
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map_or(Err(StoreError::Stale), from_row)
    }

    /// Never makes one that was deleted anew.
    async fn replace_key_template(
        &mut self,
        template: &KeyTemplate,
        version: i64,
    ) -> Result<KeyTemplate, StoreError> {
        let row = sqlx::query(
            "UPDATE key_templates SET body = $1, version = version + 1 \
             WHERE owner_id = $2 AND name = $3 AND version = $4 \
             RETURNING owner_id, name, body, created_at, version",
        )
        .bind(&template.body)
        .bind(template.owner.to_string())
        .bind(&template.name)
        .bind(version)
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map_or(Err(StoreError::Stale), from_row)
    }

    /// Deletes a user's template; with a version, only if it still has that one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none of that name and version.
    pub async fn delete_key_template(
        &mut self,
        owner: UserId,
        name: &str,
        version: Option<i64>,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "DELETE FROM key_templates WHERE owner_id = $1 AND name = $2 AND ($3 = 0 OR version = $3)",
        )
        .bind(owner.to_string())
        .bind(name)
        .bind(version.unwrap_or_default())
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NotFound) }
    }

    /// How many templates a user has.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn count_key_templates(&mut self, owner: UserId) -> Result<i64, StoreError> {
        let (count,) = sqlx::query_as("SELECT COUNT(*) FROM key_templates WHERE owner_id = $1")
            .bind(owner.to_string())
            .fetch_one(self.connection())
            .await?;
        Ok(count)
    }
}

fn from_row(row: &AnyRow) -> Result<KeyTemplate, StoreError> {
    let owner: String = row.try_get("owner_id")?;
    Ok(KeyTemplate {
        owner: owner.parse().map_err(|e| StoreError::damaged("key_templates.owner_id", e))?,
        name: row.try_get("name")?,
        body: row.try_get("body")?,
        created_at: UnixMillis::new(row.try_get("created_at")?),
        version: row.try_get("version")?,
    })
}
