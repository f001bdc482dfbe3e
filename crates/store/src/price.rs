//! Prices: one row per change, so that every charge can be recomputed from the version it names.

use domain::price::Price;
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// A model's price as it was from one change to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceVersion {
    /// Counts the changes of all models' prices.
    pub version: i64,
    /// The model.
    pub model: String,
    /// The price; none from when it was taken away.
    pub price: Option<Price>,
    /// When it was set.
    pub created_at: UnixMillis,
}

impl Database {
    /// The prices in force, by model.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn current_prices(&self) -> Result<Vec<PriceVersion>, StoreError> {
        let rows = sqlx::query(
            "SELECT version, model, body, created_at FROM prices \
             WHERE version IN (SELECT MAX(version) FROM prices GROUP BY model) AND body IS NOT NULL ORDER BY model",
        )
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// The price of a model in force.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it has none.
    pub async fn current_price(&self, model: &str) -> Result<PriceVersion, StoreError> {
        let latest = self.price_history(model, None, 1).await?;
        latest.into_iter().find(|version| version.price.is_some()).ok_or(StoreError::NotFound)
    }

    /// The version with this number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn price_version(&self, version: i64) -> Result<PriceVersion, StoreError> {
        self.price_versions(&[version]).await?.pop().ok_or(StoreError::NotFound)
    }

    /// The versions with these numbers, in rising order; unknown numbers are passed over.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn price_versions(&self, versions: &[i64]) -> Result<Vec<PriceVersion>, StoreError> {
        let mut found = Vec::with_capacity(versions.len());
        for some in versions.chunks(8) {
            // A version is never 0: that fills up the last statement.
            let mut query = sqlx::query(
                "SELECT version, model, body, created_at FROM prices \
                 WHERE version IN ($1, $2, $3, $4, $5, $6, $7, $8)",
            );
            for position in 0..8 {
                query = query.bind(some.get(position).copied().unwrap_or(0));
            }
            found.extend(query.fetch_all(self.readers()).await?);
        }
        let mut found = found.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
        found.sort_by_key(|version| version.version);
        found.dedup_by_key(|version| version.version);
        Ok(found)
    }

    /// A page of the changes of a model's price, newest first, from below a version.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn price_history(
        &self,
        model: &str,
        below: Option<i64>,
        limit: u32,
    ) -> Result<Vec<PriceVersion>, StoreError> {
        let rows = sqlx::query(
            "SELECT version, model, body, created_at FROM prices WHERE model = $1 AND version < $2 \
             ORDER BY version DESC LIMIT $3",
        )
        .bind(model)
        .bind(below.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }
}

impl Transaction {
    /// Sets a model's price.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn set_price(
        &mut self,
        model: &str,
        price: &Price,
        now: UnixMillis,
    ) -> Result<PriceVersion, StoreError> {
        let body =
            serde_json::to_string(price).map_err(|e| StoreError::damaged("prices.body", e))?;
        self.insert_price(model, Some(body), now).await
    }

    /// Takes a model's price away.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it has none.
    pub async fn remove_price(
        &mut self,
        model: &str,
        now: UnixMillis,
    ) -> Result<PriceVersion, StoreError> {
        let row =
            sqlx::query("SELECT body FROM prices WHERE model = $1 ORDER BY version DESC LIMIT 1")
                .bind(model)
                .fetch_one(self.connection())
                .await?;
        if row.try_get::<Option<String>, _>("body")?.is_none() {
            return Err(StoreError::NotFound);
        }
        self.insert_price(model, None, now).await
    }

    /// The version of a model's price that another took the place of, if that was a price: nobody can
    /// put one in between.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn replaced_price(
        &mut self,
        by: &PriceVersion,
    ) -> Result<Option<PriceVersion>, StoreError> {
        let row = sqlx::query(
            "SELECT version, model, body, created_at FROM prices WHERE model = $1 AND version < $2 \
             ORDER BY version DESC LIMIT 1",
        )
        .bind(&by.model)
        .bind(by.version)
        .fetch_optional(self.connection())
        .await?;
        let replaced = row.as_ref().map(from_row).transpose()?;
        Ok(replaced.filter(|version| version.price.is_some()))
    }

    async fn insert_price(
        &mut self,
        model: &str,
        body: Option<String>,
        now: UnixMillis,
    ) -> Result<PriceVersion, StoreError> {
        loop {
            // Another transaction may take the same version: then this waits for it and tries again.
            let row = sqlx::query(
                "INSERT INTO prices (version, model, body, created_at) \
                 VALUES ((SELECT COALESCE(MAX(version), 0) + 1 FROM prices), $1, $2, $3) \
                 ON CONFLICT (version) DO NOTHING RETURNING version, model, body, created_at",
            )
            .bind(model)
            .bind(body.as_ref())
            .bind(now.get())
            .fetch_optional(self.connection())
            .await?;
            if let Some(row) = row {
                return from_row(&row);
            }
        }
    }
}

fn from_row(row: &AnyRow) -> Result<PriceVersion, StoreError> {
    let body: Option<String> = row.try_get("body")?;
    let price = body.map(|body| serde_json::from_str(&body)).transpose();
    Ok(PriceVersion {
        version: row.try_get("version")?,
        model: row.try_get("model")?,
        price: price.map_err(|e| StoreError::damaged("prices.body", e))?,
        created_at: UnixMillis::new(row.try_get("created_at")?),
    })
}
