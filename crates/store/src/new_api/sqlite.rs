//! The tables of a site in SQLite: read by the names of their columns, and written small.

use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, params_from_iter};

use super::{
    ADD_NEW_API_SIGN, CHANNELS, OPTIONS, Site, SiteError, SiteKind, SiteRow, TOKENS, Table, USERS,
    check, kind, site,
};

/// The most bytes of one value or row.
const MOST_BYTES: i32 = 16 << 20;

/// A failure in words.
pub(super) fn failed(error: rusqlite::Error) -> SiteError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => SiteError::NotSqlite,
        _ => SiteError::Damaged(error.to_string()),
    }
}

/// Reads a site, and makes sure that the database is sound.
pub(super) fn read(connection: &Connection, may_lack_changes: bool) -> Result<Site, SiteError> {
    // Nothing that the file brings along is run, and no key is sorted into a file.
    connection
        .execute_batch(
            "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON; \
             PRAGMA temp_store = MEMORY",
        )
        .map_err(failed)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MOST_BYTES).map_err(failed)?;
    // A site that is in use is read as it is at one moment.
    let _moment = connection.unchecked_transaction().map_err(failed)?;
    let mut columns_of_channels = Vec::new();
    for table in [&USERS, &TOKENS, &CHANNELS, &OPTIONS] {
        if computes(connection, table.name).map_err(failed)? {
            let why = format!("its table {} computes columns", table.name);
            return Err(SiteError::NotASite(why));
        }
        let columns = columns(connection, table.name).map_err(failed)?;
        check(table, &columns)?;
        if table.name == CHANNELS.name {
            columns_of_channels = columns;
        }
    }
    let found: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if found != "ok" {
        return Err(SiteError::Damaged(found));
    }
    let read = |table: &Table| rows(connection, table).map_err(failed);
    let tables = [read(&USERS)?, read(&TOKENS)?, read(&CHANNELS)?, read(&OPTIONS)?];
    Ok(site(kind(&columns_of_channels), tables, may_lack_changes))
}

/// The columns of a plain table; none where there is none of this name.
fn columns(connection: &Connection, table: &str) -> Result<Vec<String>, rusqlite::Error> {
    let mut statement = connection.prepare(
        "SELECT info.name FROM sqlite_master AS master, pragma_table_info(master.name) AS info \
         WHERE master.type = 'table' AND master.name = ?1 AND master.sql NOT LIKE 'CREATE VIRTUAL%'",
    )?;
    let names = statement.query_map([table], |row| row.get(0))?;
    names.collect()
}

/// Whether a table has columns that are computed when they are read.
fn computes(connection: &Connection, table: &str) -> Result<bool, rusqlite::Error> {
    let found = "SELECT EXISTS (SELECT 1 FROM pragma_table_xinfo(?1) WHERE hidden IN (2, 3))";
    connection.query_row(found, [table], |row| row.get(0))
}

fn rows(connection: &Connection, table: &Table) -> Result<Vec<SiteRow>, rusqlite::Error> {
    let mut statement = connection.prepare(table.select)?;
    let names: Vec<String> = statement.column_names().into_iter().map(ToOwned::to_owned).collect();
    let place = |name: &&'static str| Some((*name, names.iter().position(|it| it == name)?));
    let places: Vec<(&'static str, usize)> = table.columns.iter().filter_map(place).collect();
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut cells = SiteRow::default();
        for (name, at) in &places {
            if let Some(cell) = cell(row.get_ref(*at)?) {
                cells.0.insert(name, cell);
            }
        }
        found.push(cells);
    }
    Ok(found)
}

fn cell(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

/// Writes a site into an empty database.
pub(super) fn write(connection: &Connection, site: &Site) -> Result<(), rusqlite::Error> {
    let transaction = connection.unchecked_transaction()?;
    let tables = [(&USERS, &site.users), (&TOKENS, &site.tokens), (&CHANNELS, &site.channels)];
    for (table, rows) in tables {
        transaction.execute_batch(table.create)?;
        let mut insert = transaction.prepare(table.insert)?;
        for row in rows {
            insert.execute(params_from_iter(table.columns.iter().map(|name| row.0.get(name))))?;
        }
    }
    transaction.execute_batch(OPTIONS.create)?;
    let mut insert = transaction.prepare(OPTIONS.insert)?;
    for option in &site.options {
        insert.execute(option)?;
    }
    drop(insert);
    if site.kind == SiteKind::NewApi {
        transaction.execute_batch(ADD_NEW_API_SIGN)?;
    }
    transaction.commit()
}
