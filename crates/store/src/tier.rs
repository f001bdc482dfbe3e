//! Tiers: how many keys the users of each can have.

use domain::user::Tier;
use sqlx::Row;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// What a tier allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierTerms {
    /// The tier.
    pub tier: Tier,
    /// How many keys a user can have; none: no limit.
    pub key_limit: Option<i64>,
}

impl Database {
    /// What each tier allows, in the order of [`Tier::ALL`].
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn tiers(&self) -> Result<Vec<TierTerms>, StoreError> {
        let rows =
            sqlx::query("SELECT name, key_limit FROM tiers").fetch_all(self.readers()).await?;
        let mut tiers = Vec::with_capacity(rows.len());
        for row in &rows {
            let tier = Tier::from_name(&row.try_get::<String, _>("name")?)
                .ok_or_else(|| StoreError::damaged("tiers.name", "unknown name"))?;
            tiers.push(TierTerms { tier, key_limit: row.try_get("key_limit")? });
        }
        tiers.sort_by_key(|terms| Tier::ALL.iter().position(|tier| *tier == terms.tier));
        Ok(tiers)
    }

    /// How many keys a user of a tier can have; none: no limit.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn tier_limit(&self, tier: Tier) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query("SELECT key_limit FROM tiers WHERE name = $1")
            .bind(tier.name())
            .fetch_one(self.readers())
            .await?;
        Ok(row.try_get("key_limit")?)
    }
}

impl Transaction {
    /// How many keys a user of a tier can have, as the transaction sees it; none: no limit.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn tier_limit(&mut self, tier: Tier) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query("SELECT key_limit FROM tiers WHERE name = $1")
            .bind(tier.name())
            .fetch_one(self.connection())
            .await?;
        Ok(row.try_get("key_limit")?)
    }

    /// What a tier allows, as it is until the transaction ends.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn lock_tier(&mut self, tier: Tier) -> Result<TierTerms, StoreError> {
        let row =
            sqlx::query("UPDATE tiers SET version = version WHERE name = $1 RETURNING key_limit")
                .bind(tier.name())
                .fetch_one(self.connection())
                .await?;
        Ok(TierTerms { tier, key_limit: row.try_get("key_limit")? })
    }

    /// Sets what a tier allows.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn set_tier(&mut self, terms: TierTerms) -> Result<(), StoreError> {
        sqlx::query("UPDATE tiers SET key_limit = $1, version = version + 1 WHERE name = $2")
            .bind(terms.key_limit)
            .bind(terms.tier.name())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
