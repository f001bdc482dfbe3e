//! Brings a database to this release's structure, and refuses one that is not ours.

use sqlx::AnyPool;
use sqlx::migrate::Migrator;

use crate::dialect::Dialect;
use crate::error::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Applies what is missing.
pub(crate) async fn run(pool: &AnyPool, dialect: Dialect) -> Result<(), StoreError> {
    let tables: Vec<(String,)> = sqlx::query_as(match dialect {
        Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        Dialect::Postgres => {
            "SELECT CAST(table_name AS TEXT) AS name FROM information_schema.tables WHERE table_schema = current_schema()"
        }
    })
    .fetch_all(pool)
    .await?;
    let has = |name: &str| tables.iter().any(|(table,)| table == name);
    if !tables.is_empty() && !(has("_sqlx_migrations") && (has("deployment") || tables.len() == 1))
    {
        return Err(StoreError::Foreign);
    }
    MIGRATIONS.run(pool).await.map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
    Ok(())
}
