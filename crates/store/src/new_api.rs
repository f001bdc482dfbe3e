//! Databases of other gateways: new-api's and one-api's, read for an import and never written.
//!
//! Both have the tables `users`, `tokens`, `channels` and `options`; which columns these have depends
//! on the release, so rows are read by name and what is missing is nothing. Only what an import needs
//! is taken over: no passwords, no access tokens, no logs.

mod file;
mod postgres;
mod sqlite;

use std::collections::BTreeMap;
use std::path::Path;

use crate::database::blocking;

/// Whose tables they are: the two count some kinds of channels differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteKind {
    /// new-api, and what was made from it.
    NewApi,
    /// one-api, and what was made from it but new-api.
    OneApi,
}

/// What an import needs of a site. It holds secrets, so it cannot be printed.
pub struct Site {
    /// Whose tables they are.
    pub kind: SiteKind,
    /// The rows of `users`.
    pub users: Vec<SiteRow>,
    /// The rows of `tokens`.
    pub tokens: Vec<SiteRow>,
    /// The rows of `channels`.
    pub channels: Vec<SiteRow>,
    /// The options that an import needs, where they were ever set.
    pub options: BTreeMap<String, String>,
    /// Whether the file's newest changes may be in another file beside it.
    pub may_lack_changes: bool,
}

/// A row, by the names of its columns: every value as a text, whatever its type; what is NULL is not
/// in it.
#[derive(Default)]
pub struct SiteRow(BTreeMap<&'static str, String>);

impl SiteRow {
    /// A row of these texts.
    #[must_use]
    pub fn of(texts: &[(&'static str, &str)]) -> Self {
        let cell = |(name, text): &(&'static str, &str)| (*name, (*text).to_owned());
        Self(texts.iter().map(cell).collect())
    }

    /// A whole number, whether it is stored as one or as a text.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<i64> {
        self.0.get(column)?.trim().parse().ok()
    }

    /// A text; empty where there is none.
    #[must_use]
    pub fn text(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    /// A switch, off where there is none; none where it is neither on nor off.
    #[must_use]
    pub fn switch(&self, column: &str) -> Option<bool> {
        match self.text(column).trim().to_ascii_lowercase().as_str() {
            "1" | "t" | "true" => Some(true),
            "" | "0" | "f" | "false" => Some(false),
            _ => None,
        }
    }

    /// Whether there is a value that is not a whole number.
    #[must_use]
    pub fn is_no_number(&self, column: &str) -> bool {
        self.has(column) && self.number(column).is_none()
    }

    /// Whether there is a value at all.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.0.contains_key(column)
    }
}

/// Why a database cannot be read as a site's.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// Another kind of file.
    #[error("this is not an SQLite database: a new-api site's is called one-api.db by default")]
    NotSqlite,
    /// Shorter than its own head says.
    #[error("the database breaks off: {found} of its {whole} bytes are there. Copy it again")]
    BrokenOff {
        /// Bytes that there should be.
        whole: u64,
        /// Bytes that there are.
        found: u64,
    },
    /// It cannot be read to its end.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// A database of another program.
    #[error("this is not a database of new-api or one-api: {0}")]
    NotASite(String),
    /// It cannot be reached.
    #[error("the database cannot be opened: {0}")]
    Unavailable(String),
    /// A database that is not spoken to.
    #[error(
        "a MySQL database is not read: write it to an SQLite file first, for example with mysql2sqlite, and import that"
    )]
    MySql,
}

impl Site {
    /// Reads a database that was sent as a file.
    ///
    /// # Errors
    /// When it is no site's, or cannot be read to its end.
    pub async fn of_bytes(bytes: Vec<u8>) -> Result<Self, SiteError> {
        let read = blocking(move || file::read_bytes(bytes)).await;
        read.map_err(|error| SiteError::Damaged(error.to_string()))?
    }

    /// Reads a database where it is: the path of an SQLite file, or a `postgres://` URL.
    ///
    /// # Errors
    /// When it is no site's, cannot be reached or cannot be read to its end.
    pub async fn at(place: &str) -> Result<Self, SiteError> {
        let scheme = place.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("postgres" | "postgresql") => return postgres::read(place).await,
            Some("mysql" | "mariadb") => return Err(SiteError::MySql),
            _ if place.contains("@tcp(") => return Err(SiteError::MySql),
            _ => {}
        }
        let path = Path::new(place.strip_prefix("sqlite://").unwrap_or(place)).to_owned();
        let read = blocking(move || file::read_path(&path)).await;
        read.map_err(|error| SiteError::Unavailable(error.to_string()))?
    }

    /// The site as an SQLite file that holds nothing else.
    ///
    /// # Errors
    /// When there is too little memory.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SiteError> {
        file::write_bytes(self)
    }
}

/// A table of a site.
struct Table {
    name: &'static str,
    /// The columns that are taken over, in the order of `insert`.
    columns: &'static [&'static str],
    /// The columns without which it is another program's.
    needed: &'static [&'static str],
    select: &'static str,
    select_json: &'static str,
    create: &'static str,
    insert: &'static str,
}

const USERS: Table = Table {
    name: "users",
    columns: &[
        "id",
        "username",
        "role",
        "status",
        "email",
        "quota",
        "used_quota",
        "group",
        "deleted_at",
    ],
    needed: &["id", "username", "quota"],
    select: "SELECT * FROM users ORDER BY id",
    select_json: "SELECT CAST(row_to_json(t) AS TEXT) AS row FROM users t ORDER BY t.id",
    create: "CREATE TABLE users (id, username, role, status, email, quota, used_quota, \"group\", deleted_at)",
    insert: "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

const TOKENS: Table = Table {
    name: "tokens",
    columns: &[
        "id",
        "user_id",
        "key",
        "status",
        "name",
        "created_time",
        "expired_time",
        "remain_quota",
        "unlimited_quota",
        "used_quota",
        "model_limits_enabled",
        "model_limits",
        "models",
        "allow_ips",
        "subnet",
        "group",
        "deleted_at",
    ],
    needed: &["id", "user_id", "key", "remain_quota"],
    select: "SELECT * FROM tokens ORDER BY id",
    select_json: "SELECT CAST(row_to_json(t) AS TEXT) AS row FROM tokens t ORDER BY t.id",
    create: "CREATE TABLE tokens (id, user_id, \"key\", status, name, created_time, expired_time, remain_quota, \
             unlimited_quota, used_quota, model_limits_enabled, model_limits, models, allow_ips, subnet, \"group\", \
             deleted_at)",
    insert: "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

/// Only new-api's `channels` has it.
const NEW_API_SIGN: &str = "auto_ban";
const ADD_NEW_API_SIGN: &str = "ALTER TABLE channels ADD COLUMN auto_ban";

const CHANNELS: Table = Table {
    name: "channels",
    columns: &[
        "id",
        "type",
        "key",
        "status",
        "name",
        "weight",
        "base_url",
        "models",
        "group",
        "model_mapping",
        "priority",
        "setting",
        "param_override",
        "header_override",
        "status_code_mapping",
        "system_prompt",
    ],
    needed: &["id", "type", "key", "models"],
    select: "SELECT * FROM channels ORDER BY id",
    select_json: "SELECT CAST(row_to_json(t) AS TEXT) AS row FROM channels t ORDER BY t.id",
    create: "CREATE TABLE channels (id, type, \"key\", status, name, weight, base_url, models, \"group\", \
             model_mapping, priority, setting, param_override, header_override, status_code_mapping, system_prompt)",
    insert: "INSERT INTO channels VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

const OPTIONS: Table = Table {
    name: "options",
    columns: &["key", "value"],
    needed: &["key", "value"],
    select: "SELECT * FROM options",
    select_json: "SELECT CAST(row_to_json(t) AS TEXT) AS row FROM options t",
    create: "CREATE TABLE options (\"key\", value)",
    insert: "INSERT INTO options VALUES (?, ?)",
};

/// The options that say something about money and groups; others may be secrets.
const WANTED_OPTIONS: &[&str] = &[
    "ModelRatio",
    "CompletionRatio",
    "CacheRatio",
    "CreateCacheRatio",
    "ModelPrice",
    "GroupRatio",
    "GroupGroupRatio",
    "UserUsableGroups",
    "GroupSpecialUsableGroup",
    "group_ratio_setting.group_special_usable_group",
    "AutoGroups",
    "QuotaPerUnit",
];

/// Puts a site together from its tables.
fn site(
    kind: SiteKind,
    [users, tokens, channels, options]: [Vec<SiteRow>; 4],
    may_lack_changes: bool,
) -> Site {
    let named = |row: &SiteRow| (row.text("key").to_owned(), row.text("value").to_owned());
    let mut options: BTreeMap<String, String> = options.iter().map(named).collect();
    options.retain(|name, _| WANTED_OPTIONS.contains(&name.as_str()));
    Site { kind, users, tokens, channels, options, may_lack_changes }
}

/// What of a table's columns is missing for it to be a site's.
fn check(table: &Table, columns: &[String]) -> Result<(), SiteError> {
    if columns.is_empty() {
        return Err(SiteError::NotASite(format!("it has no table {}", table.name)));
    }
    match table.needed.iter().find(|name| !columns.iter().any(|it| it == *name)) {
        None => Ok(()),
        Some(missing) => {
            Err(SiteError::NotASite(format!("its table {} has no column {missing}", table.name)))
        }
    }
}

fn kind(columns_of_channels: &[String]) -> SiteKind {
    match columns_of_channels.iter().any(|name| name == NEW_API_SIGN) {
        true => SiteKind::NewApi,
        false => SiteKind::OneApi,
    }
}
