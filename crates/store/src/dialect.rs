//! The few places where SQLite and PostgreSQL need different words.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::error::StoreError;

/// A statement whose values are being bound.
pub(crate) type Query<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

/// Which database is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Embedded, one writer.
    Sqlite,
    /// Shared by several nodes.
    Postgres,
}

impl Dialect {
    /// The dialect that a database URL asks for.
    pub(crate) fn of(url: &str) -> Self {
        if url.starts_with("postgres") { Self::Postgres } else { Self::Sqlite }
    }

    /// What starts a transaction that writes. SQLite takes its write lock at once, so that two
    /// writers queue instead of failing when the second one first writes.
    pub(crate) const fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// A migration's text. What only SQLite takes, that a table has no row ids, stands in a comment.
    pub(crate) fn migration(self, text: &str) -> SqlStr {
        let text = match self {
            Self::Sqlite => text.replace("/* SQLite: WITHOUT ROWID */", "WITHOUT ROWID"),
            Self::Postgres => text.to_owned(),
        };
        AssertSqlSafe(text).into_sql_str()
    }

    /// What starts a transaction that sees one moment of the books throughout.
    pub(crate) const fn begin_snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN DEFERRED",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }
}

/// A statement that has different words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PerDialect {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

impl PerDialect {
    pub(crate) const fn text(self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

/// Every row of a table, for a copy. The names are the database's own; they are checked all the same.
pub(crate) fn select_all(table: &str, columns: &[&str]) -> Result<SqlStr, StoreError> {
    let list = names(table, columns)?;
    let text = ["SELECT ", &list, " FROM ", table].concat();
    Ok(AssertSqlSafe(text).into_sql_str())
}

/// Takes over so many rows of a table from a copy.
pub(crate) fn insert_all(
    table: &str,
    columns: &[&str],
    rows: usize,
    dialect: Dialect,
) -> Result<SqlStr, StoreError> {
    let list = names(table, columns)?;
    let head = ["INSERT INTO ", table, " (", &list, ") VALUES"].concat();
    let text = placeholders(&head, columns.len(), "", rows, dialect);
    Ok(AssertSqlSafe(text).into_sql_str())
}

/// The columns with commas, if they and the table are names of ours.
fn names(table: &str, columns: &[&str]) -> Result<String, StoreError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let sound = |name: &str| !name.is_empty() && name.bytes().all(plain);
    if columns.is_empty() || !columns.iter().chain([&table]).all(|name| sound(name)) {
        return Err(StoreError::damaged("copy", "a table or a column has an odd name"));
    }
    Ok(columns.join(", "))
}

/// A statement that reads its rows from a JSON array of arrays, `$1`.
///
/// One statement for a whole batch keeps the work per row to the insert itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonRows {
    pub(crate) json: PerDialect,
    /// The same with a parameter per column, for the native connection.
    pub(crate) rows: WideInsert,
}

/// Writes a [`JsonRows`] statement: what comes before the rows, how many columns they have, those
/// columns as parts of the JSON (`value ->> 0`, `value ->> 1`, …), and what comes after the rows.
macro_rules! json_rows {
    ($head:literal, $columns:literal, $parts:literal, $tail:literal) => {
        $crate::dialect::JsonRows {
            json: $crate::dialect::PerDialect {
                sqlite: concat!(
                    $head,
                    " SELECT ",
                    $parts,
                    " FROM json_each($1) AS j WHERE true ",
                    $tail
                ),
                postgres: concat!(
                    $head,
                    " SELECT ",
                    $parts,
                    " FROM json_array_elements(CAST($1 AS json)) AS j(value) WHERE true ",
                    $tail
                ),
            },
            rows: $crate::dialect::WideInsert {
                head: concat!($head, " VALUES"),
                columns: $columns,
                tail: $tail,
            },
        }
    };
}
pub(crate) use json_rows;

/// A statement that inserts many rows at once, each column of each row a parameter.
///
/// Wide rows are several times cheaper this way than through [`JsonRows`]. Only the groups of
/// placeholders are put together at run time, never a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WideInsert {
    /// Up to and including `VALUES`.
    pub(crate) head: &'static str,
    /// Parameters of a row.
    pub(crate) columns: usize,
    /// What comes after the rows.
    pub(crate) tail: &'static str,
}

impl WideInsert {
    /// Rows of one statement, most first: few different texts, so that each is prepared once.
    pub(crate) const CHUNKS: [usize; 3] = [128, 16, 1];

    /// The statement for a number of rows, its values still to be bound.
    pub(crate) fn query<'q>(self, rows: usize, dialect: Dialect) -> Query<'q> {
        sqlx::query(AssertSqlSafe(self.text(rows, dialect)))
    }

    /// The statement for one row on the native connection.
    pub(crate) fn one(self) -> String {
        self.text(1, Dialect::Sqlite)
    }

    /// The same, which passes over a row that is there already.
    pub(crate) fn one_if_new(self) -> String {
        Self { tail: "ON CONFLICT DO NOTHING", ..self }.one()
    }

    fn text(self, rows: usize, dialect: Dialect) -> String {
        placeholders(self.head, self.columns, self.tail, rows, dialect)
    }
}

/// The statement for a number of rows. SQLite finds a numbered placeholder by walking a list, so it
/// gets them without numbers.
fn placeholders(head: &str, columns: usize, tail: &str, rows: usize, dialect: Dialect) -> String {
    use std::fmt::Write;
    let mut text = head.to_owned();
    for row in 0..rows {
        text.push_str(if row == 0 { " (" } else { ", (" });
        for column in 1..=columns {
            text.push_str(if column == 1 { "" } else { ", " });
            match dialect {
                Dialect::Sqlite => text.push('?'),
                // Writing to a text cannot fail.
                Dialect::Postgres => drop(write!(text, "${}", row * columns + column)),
            }
        }
        text.push(')');
    }
    text.push(' ');
    text.push_str(tail);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_placeholders() {
        let insert = WideInsert {
            head: "INSERT INTO t (a, b) VALUES",
            columns: 2,
            tail: "ON CONFLICT DO NOTHING",
        };
        assert_eq!(
            insert.text(2, Dialect::Postgres),
            "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING"
        );
        assert_eq!(
            insert.text(1, Dialect::Sqlite),
            "INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT DO NOTHING"
        );
    }
}
