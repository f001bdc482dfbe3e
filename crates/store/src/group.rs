//! Groups: named sets of channels with a factor on prices.

use domain::bill::Multiplier;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// The group that every deployment starts with.
pub const DEFAULT_GROUP: &str = "default";

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name, by which channels and keys refer to it.
    pub name: String,
    /// The factor on prices.
    pub multiplier: Multiplier,
    /// When it was made.
    pub created_at: UnixMillis,
    /// Rises with each edit.
    pub version: i64,
}

impl Database {
    /// Every group, by name.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn groups(&self) -> Result<Vec<Group>, StoreError> {
        let rows =
            sqlx::query("SELECT name, multiplier, created_at, version FROM groups ORDER BY name")
                .fetch_all(self.readers())
                .await?;
        rows.iter().map(from_row).collect()
    }

    /// One group.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none of this name.
    pub async fn group(&self, name: &str) -> Result<Group, StoreError> {
        let row =
            sqlx::query("SELECT name, multiplier, created_at, version FROM groups WHERE name = $1")
                .bind(name)
                .fetch_one(self.readers())
                .await?;
        from_row(&row)
    }
}

impl Transaction {
    /// A group, if there is one, as it is until the transaction ends.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn lock_group(&mut self, name: &str) -> Result<Option<Group>, StoreError> {
        let row = sqlx::query(
            "UPDATE groups SET version = version WHERE name = $1 RETURNING name, multiplier, created_at, version",
        )
        .bind(name)
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Makes a group, or gives an existing one another factor.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn set_group(
        &mut self,
        name: &str,
        multiplier: Multiplier,
        now: UnixMillis,
    ) -> Result<Group, StoreError> {
        let row = sqlx::query(
            "INSERT INTO groups (name, multiplier, created_at, version) VALUES ($1, $2, $3, 1) \
             ON CONFLICT (name) DO UPDATE SET multiplier = excluded.multiplier, version = groups.version + 1 \
             RETURNING name, multiplier, created_at, version",
        )
        .bind(name)
        .bind(multiplier.get())
        .bind(now.get())
        .fetch_one(self.connection())
        .await?;
        from_row(&row)
    }

    /// Makes a group.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one of this name.
    pub async fn insert_group(
        &mut self,
        name: &str,
        multiplier: Multiplier,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO groups (name, multiplier, created_at, version) VALUES ($1, $2, $3, 1)",
        )
        .bind(name)
        .bind(multiplier.get())
        .bind(now.get())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Makes [`DEFAULT_GROUP`] at the list price, unless it exists.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn ensure_default_group(&mut self, now: UnixMillis) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO groups (name, multiplier, created_at, version) VALUES ($1, $2, $3, 1) \
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(DEFAULT_GROUP)
        .bind(Multiplier::ONE.get())
        .bind(now.get())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Deletes a group. Whether channels or keys still name it is the caller's question.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none of this name.
    pub async fn delete_group(&mut self, name: &str) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM groups WHERE name = $1")
            .bind(name)
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NotFound) }
    }
}

fn from_row(row: &AnyRow) -> Result<Group, StoreError> {
    Ok(Group {
        name: row.try_get("name")?,
        multiplier: Multiplier::from_parts_per_million(row.try_get("multiplier")?)
            .ok_or_else(|| StoreError::damaged("groups.multiplier", "out of range"))?,
        created_at: UnixMillis::new(row.try_get("created_at")?),
        version: row.try_get("version")?,
    })
}
