//! Brings a database to this release's structure, and refuses one that is not ours.

use sqlx::AnyPool;
use sqlx::migrate::{Migration, Migrator};

use crate::dialect::Dialect;
use crate::error::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The number of the last migration.
pub(crate) fn newest() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

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
    let migrations = MIGRATIONS.iter().map(|migration| Migration {
        sql: dialect.migration(migration.sql.as_str()),
        ..migration.clone()
    });
    // The checksums stay those of the files: they are the same for every database.
    let migrator = Migrator::with_migrations(migrations.collect());
    migrator.run(pool).await.map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
    Ok(())
}
