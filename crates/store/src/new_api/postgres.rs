//! The tables of a site in PostgreSQL. Each row comes as JSON, so that it does not matter which of
//! the database's types a release chose for a column.

use serde_json::{Map, Value};
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions, Connection, Row};
use std::str::FromStr;

use super::{CHANNELS, OPTIONS, Site, SiteError, SiteRow, TOKENS, Table, USERS, check, kind, site};

/// Reads a site behind a URL, as it is at one moment.
pub(super) async fn read(url: &str) -> Result<Site, SiteError> {
    sqlx::any::install_default_drivers();
    // Its text would be the address, with the password.
    let options = AnyConnectOptions::from_str(url)
        .map_err(|_| SiteError::Unavailable("the address is not a PostgreSQL URL".to_owned()))?;
    let mut connection: AnyConnection = match options.connect().await {
        Ok(connection) => connection,
        Err(error) => {
            let said = crate::reach::explain(&options, error).await;
            return Err(SiteError::Unavailable(said.to_string()));
        }
    };
    let read = read_all(&mut connection).await;
    // What was read counts, however the connection ends.
    drop(connection.close().await);
    read
}

async fn read_all(connection: &mut AnyConnection) -> Result<Site, SiteError> {
    sqlx::query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    let mut columns_of_channels = Vec::new();
    for table in [&USERS, &TOKENS, &CHANNELS, &OPTIONS] {
        let columns: Vec<(String,)> = sqlx::query_as(
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1",
        )
        .bind(table.name)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
        let columns: Vec<String> = columns.into_iter().map(|(name,)| name).collect();
        check(table, &columns)?;
        if table.name == CHANNELS.name {
            columns_of_channels = columns;
        }
    }
    let mut tables = [const { Vec::new() }; 4];
    for (table, rows) in [&USERS, &TOKENS, &CHANNELS, &OPTIONS].into_iter().zip(&mut tables) {
        *rows = read_rows(connection, table).await?;
    }
    Ok(site(kind(&columns_of_channels), tables, false))
}

async fn read_rows(
    connection: &mut AnyConnection,
    table: &Table,
) -> Result<Vec<SiteRow>, SiteError> {
    let found = sqlx::query(table.select_json).fetch_all(connection).await.map_err(failed)?;
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        let text: String = row.try_get("row").map_err(failed)?;
        let members: Map<String, Value> =
            serde_json::from_str(&text).map_err(|error| SiteError::Damaged(error.to_string()))?;
        let mut cells = SiteRow::default();
        for name in table.columns {
            if let Some(cell) = members.get(*name).and_then(cell) {
                cells.0.insert(name, cell);
            }
        }
        rows.push(cells);
    }
    Ok(rows)
}

fn cell(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn failed(error: sqlx::Error) -> SiteError {
    match error {
        sqlx::Error::Database(error) => SiteError::Damaged(error.message().to_owned()),
        other => SiteError::Damaged(other.to_string()),
    }
}
