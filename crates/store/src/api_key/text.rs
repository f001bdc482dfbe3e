//! The texts that keys are searched by, each key's in one small row.
//!
//! A search looks at all of these rows, which are short and say little more than what is searched, and
//! where few have it then at those few keys. It finds at least what the lists' statements find, which
//! decide.

use domain::id::KeyId;
use sqlx::Row;

use super::list::KeyQuery;
use super::search::Few;
use crate::database::{Database, Transaction};
use crate::dialect::PerDialect;
use crate::error::StoreError;

/// Of more keys than this with a text there are enough on the way of any walk.
const FEW: i64 = 2_000;

macro_rules! note {
    ($which:literal) => {
        concat!(
            "INSERT INTO api_key_texts (number, text) SELECT number, \
             LOWER(name || ' ' || masked || ' ' || tags || ' ' || groups || ' ' || allowed_models) \
             FROM api_keys WHERE ",
            $which,
            " ON CONFLICT (number) DO UPDATE SET text = excluded.text"
        )
    };
}

/// The text that keys must have to match; none: any may.
pub(super) fn needle(query: &KeyQuery) -> Option<String> {
    let entry = |name: &str| match name {
        "" => String::new(),
        name => serde_json::Value::from(name).to_string(),
    };
    let texts = [query.text.clone(), entry(&query.tag), entry(&query.group), entry(&query.model)];
    // The longest is the rarest, most often.
    texts.into_iter().max_by_key(String::len).filter(|it| !it.is_empty())
}

impl Database {
    /// The numbers of the keys with this text. It looks at those of all keys.
    pub(super) async fn keys_with_text(&self, text: &str) -> Result<Few, StoreError> {
        let last = self.last_key_number().await?;
        let half = last / 2;
        let (mut numbers, more) = futures_util::future::try_join(
            self.numbers_with(text, 0, half),
            self.numbers_with(text, half, last),
        )
        .await?;
        numbers.extend(more);
        if i64::try_from(numbers.len()).unwrap_or(i64::MAX) > FEW {
            return Ok(None);
        }
        serde_json::to_string(&numbers).map(Some).map_err(|e| StoreError::damaged("numbers", e))
    }

    /// No key has a higher number.
    pub(super) async fn last_key_number(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COALESCE(MAX(number), 0) AS number FROM api_key_texts")
            .fetch_one(self.readers())
            .await?;
        Ok(row.try_get("number")?)
    }

    async fn numbers_with(
        &self,
        text: &str,
        above: i64,
        up_to: i64,
    ) -> Result<Vec<i64>, StoreError> {
        let rows = sqlx::query(WITH.text(self.dialect()))
            .bind(above)
            .bind(up_to)
            .bind(text)
            .bind(FEW.saturating_add(1))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(|row| Ok(row.try_get("number")?)).collect()
    }
}

impl Transaction {
    /// Notes what keys that were made or edited are found by.
    pub(super) async fn note_texts(&mut self, ids: &[KeyId]) -> Result<(), StoreError> {
        let ids = serde_json::to_string(ids).map_err(|e| StoreError::damaged("ids", e))?;
        sqlx::query(NOTE.text(self.dialect)).bind(ids).execute(self.connection()).await?;
        Ok(())
    }

    /// Notes what every key is found by, as this database writes it.
    pub(crate) async fn note_all_texts(&mut self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM api_key_texts").execute(self.connection()).await?;
        sqlx::query(note!("true")).execute(self.connection()).await?;
        Ok(())
    }
}

const WITH: PerDialect = PerDialect {
    sqlite: "SELECT number FROM api_key_texts WHERE number > $1 AND number <= $2 \
             AND INSTR(text, LOWER($3)) > 0 LIMIT $4",
    postgres: "SELECT number FROM api_key_texts WHERE number > $1 AND number <= $2 \
               AND STRPOS(text, LOWER($3)) > 0 LIMIT $4",
};

const NOTE: PerDialect = PerDialect {
    sqlite: note!("id IN (SELECT value FROM json_each($1))"),
    postgres: note!(
        "id IN (SELECT value FROM json_array_elements_text(CAST($1 AS json)) AS j(value))"
    ),
};
