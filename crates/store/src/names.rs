//! What things are called, many at once in one statement, so that lists name what their rows point
//! at. What was deleted keeps its name: the books still speak of it.

use sqlx::Row;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

use domain::id::{ChannelId, KeyId, RedemptionCodeId, UserId};

use crate::database::Database;
use crate::dialect::PerDialect;
use crate::error::StoreError;

macro_rules! names {
    ($column:literal, $table:literal) => {
        PerDialect {
            sqlite: concat!(
                "SELECT id, ",
                $column,
                " AS name FROM ",
                $table,
                " WHERE id IN (SELECT value FROM json_each($1))"
            ),
            postgres: concat!(
                "SELECT id, ",
                $column,
                " AS name FROM ",
                $table,
                " WHERE id IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value))"
            ),
        }
    };
}

const USERS: PerDialect = names!("name", "users");
const KEYS: PerDialect = names!("name", "api_keys");
const CHANNELS: PerDialect = names!("name", "channels");
const CODES: PerDialect = names!("masked", "redemption_codes");

/// Names by id; whatever does not exist is left out.
pub type Names<Id> = BTreeMap<Id, String>;

impl Database {
    /// What these users are called.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn user_names(&self, ids: BTreeSet<UserId>) -> Result<Names<UserId>, StoreError> {
        self.names(&USERS, ids).await
    }

    /// What these keys are called, deleted ones too.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn api_key_names(&self, ids: BTreeSet<KeyId>) -> Result<Names<KeyId>, StoreError> {
        self.names(&KEYS, ids).await
    }

    /// What these channels are called, deleted ones too.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn channel_names(
        &self,
        ids: BTreeSet<ChannelId>,
    ) -> Result<Names<ChannelId>, StoreError> {
        let mut names = self.names(&CHANNELS, ids).await?;
        for (id, name) in &mut names {
            // A deleted channel's name is free again; this is how it was called.
            if let Some(was) = name.strip_suffix(&format!(" (deleted {id})")) {
                *name = was.to_owned();
            }
        }
        Ok(names)
    }

    /// How these redemption codes are shown: masked.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn masked_redemption_codes(
        &self,
        ids: BTreeSet<RedemptionCodeId>,
    ) -> Result<Names<RedemptionCodeId>, StoreError> {
        self.names(&CODES, ids).await
    }

    async fn names<Id: Ord + Display + FromStr<Err: Display>>(
        &self,
        statement: &PerDialect,
        ids: BTreeSet<Id>,
    ) -> Result<Names<Id>, StoreError> {
        if ids.is_empty() {
            return Ok(Names::new());
        }
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let ids = serde_json::to_string(&ids).map_err(|e| StoreError::damaged("ids", e))?;
        let rows =
            sqlx::query(statement.text(self.dialect())).bind(ids).fetch_all(self.readers()).await?;
        let mut names = Names::new();
        for row in rows {
            let id: String = row.try_get("id")?;
            let id = id.parse().map_err(|e| StoreError::damaged("id", e))?;
            names.insert(id, row.try_get("name")?);
        }
        Ok(names)
    }
}
