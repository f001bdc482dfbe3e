//! Facts about the deployment as a whole: its identity, its time zone, the master key's fingerprint.

use sqlx::Row;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// A fact's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// Says that the database is Tollkeeper's, and whose.
    Id,
    /// What the master key must hash to.
    MasterKeyFingerprint,
    /// Set once keys were imported: their values have no checksum of ours.
    ImportedKeys,
}

impl Fact {
    const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::MasterKeyFingerprint => "master_key_fingerprint",
            Self::ImportedKeys => "imported_keys",
        }
    }
}

impl Database {
    /// A fact, if it has been set.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn fact(&self, fact: Fact) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT value FROM deployment WHERE name = $1")
            .bind(fact.name())
            .fetch_optional(self.readers())
            .await?;
        Ok(row.map(|row| row.try_get("value")).transpose()?)
    }
}

impl Transaction {
    /// Sets a fact that has not been set; a set one stays as it is.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn set_fact_once(&mut self, fact: Fact, value: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO deployment (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        )
        .bind(fact.name())
        .bind(value)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
