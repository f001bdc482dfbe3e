//! The few places where SQLite and PostgreSQL need different words.

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

    /// What starts a transaction that sees one moment of the books throughout.
    pub(crate) const fn begin_snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN DEFERRED",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }
}

/// A statement that reads its rows from a JSON array of arrays, `$1`.
///
/// One statement for a whole batch keeps the work per row to the insert itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonRows {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

impl JsonRows {
    pub(crate) const fn text(self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

/// Writes a [`JsonRows`] statement: what comes before the rows' source, and what comes after it.
/// The columns of a row are `value ->> 0`, `value ->> 1`, …
macro_rules! json_rows {
    ($head:literal, $tail:literal) => {
        $crate::dialect::JsonRows {
            sqlite: concat!($head, " FROM json_each($1) AS j WHERE true ", $tail),
            postgres: concat!(
                $head,
                " FROM json_array_elements(CAST($1 AS json)) AS j(value) WHERE true ",
                $tail
            ),
        }
    };
}
pub(crate) use json_rows;
