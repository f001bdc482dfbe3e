//! Calls as the books hold them: one row each, never changed.

mod list;

pub(crate) use list::span;
pub use list::{CallPage, CallQuery};

use domain::bill::{BillingMethod, Multiplier};
use domain::dialect::Dialect;
use domain::id::{CallId, ChannelId, KeyId, TransactionId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::usage::{Usage, UsageSource};
use serde::de::{DeserializeOwned, IntoDeserializer, value};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::batch::{Attempt, Outcome};
use crate::database::Database;
use crate::error::StoreError;

/// A call in the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRow {
    /// The call.
    pub id: CallId,
    /// The key that made it.
    pub key: KeyId,
    /// Who paid.
    pub user: UserId,
    /// The model that the client asked for, by which it is billed.
    pub model: String,
    /// The model that the upstream was asked for.
    pub upstream_model: String,
    /// The channel that served, or was tried last.
    pub channel: ChannelId,
    /// The group that it was routed through.
    pub group: String,
    /// The client's wire format.
    pub dialect: Dialect,
    /// The upstream's wire format.
    pub upstream_dialect: Dialect,
    /// How it was charged.
    pub billing_method: BillingMethod,
    /// The price that it was charged at.
    pub price_version: i64,
    /// The group's factor.
    pub multiplier: Multiplier,
    /// Whether it counted as a request.
    pub counted: bool,
    /// What it used.
    pub usage: Usage,
    /// What that cost.
    pub cost: Nanos,
    /// What the user was charged; the rest was the operator's.
    pub charged: Nanos,
    /// Where the figures come from.
    pub source: UsageSource,
    /// Whether the upstream's figures were missing or absurd.
    pub suspect: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// The status that the client got.
    pub status: u16,
    /// When it was admitted.
    pub started_at: UnixMillis,
    /// Milliseconds until the first byte of the answer.
    pub first_byte_ms: Option<u32>,
    /// Milliseconds until it was settled.
    pub duration_ms: u32,
    /// Start of the day that it counted in.
    pub day: UnixMillis,
    /// Start of the month that it counted in.
    pub month: UnixMillis,
    /// Every try.
    pub attempts: Vec<Attempt>,
    /// The ledger transaction that it was charged in, if it cost anything.
    pub transaction: Option<TransactionId>,
    /// The caller's address; none once its retention time is over.
    pub client_ip: Option<String>,
    /// The caller's program; none once its retention time is over.
    pub user_agent: Option<String>,
}

macro_rules! columns {
    () => {
        "c.id, c.key_id, c.user_id, c.model, c.upstream_model, c.channel_id, c.group_name, c.dialect, \
         c.upstream_dialect, c.billing_method, c.price_version, c.multiplier, c.counted, c.input, c.cached_input, \
         c.cache_write, c.cache_write_1h, c.output, c.reasoning, c.cost, c.charged, c.usage_source, c.suspect, \
         c.outcome, c.status, c.started_at, c.first_byte_ms, c.duration_ms, c.day, c.month, c.attempts, \
         c.transaction_id, c.client_ip, c.user_agent FROM calls AS c"
    };
}
use columns;

impl Database {
    /// One call; with an owner, only if it is theirs.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such.
    pub async fn call(&self, id: CallId, owner: Option<UserId>) -> Result<CallRow, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " WHERE c.id = $1 AND ($2 = '' OR c.user_id = $2)"
        ))
        .bind(id.to_string())
        .bind(owner.map(|owner| owner.to_string()).unwrap_or_default())
        .fetch_one(self.readers())
        .await?;
        from_row(&row)
    }
}

fn from_row(row: &AnyRow) -> Result<CallRow, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let time = |column: &str| row.try_get::<i64, _>(column).map(UnixMillis::new);
    let transaction = row.try_get::<Option<String>, _>("transaction_id")?;
    let channel =
        text("channel_id")?.parse().map_err(|e| StoreError::damaged("calls.channel_id", e))?;
    let status = count("calls.status", row.try_get("status")?)?;
    Ok(CallRow {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("calls.id", e))?,
        key: text("key_id")?.parse().map_err(|e| StoreError::damaged("calls.key_id", e))?,
        user: text("user_id")?.parse().map_err(|e| StoreError::damaged("calls.user_id", e))?,
        model: text("model")?,
        upstream_model: text("upstream_model")?,
        channel,
        group: text("group_name")?,
        dialect: named("calls.dialect", &text("dialect")?)?,
        upstream_dialect: named("calls.upstream_dialect", &text("upstream_dialect")?)?,
        billing_method: named("calls.billing_method", &text("billing_method")?)?,
        price_version: row.try_get("price_version")?,
        multiplier: Multiplier::from_parts_per_million(row.try_get("multiplier")?)
            .ok_or_else(|| StoreError::damaged("calls.multiplier", "out of range"))?,
        counted: row.try_get::<i64, _>("counted")? != 0,
        usage: usage(row)?,
        cost: Nanos::new(row.try_get("cost")?),
        charged: Nanos::new(row.try_get("charged")?),
        source: named("calls.usage_source", &text("usage_source")?)?,
        suspect: row.try_get::<i64, _>("suspect")? != 0,
        outcome: named("calls.outcome", &text("outcome")?)?,
        status,
        started_at: time("started_at")?,
        first_byte_ms: row
            .try_get::<Option<i64>, _>("first_byte_ms")?
            .map(|millis| count("calls.first_byte_ms", millis))
            .transpose()?,
        duration_ms: count("calls.duration_ms", row.try_get("duration_ms")?)?,
        day: time("day")?,
        month: time("month")?,
        attempts: attempts(&text("attempts")?, channel, status)?,
        transaction: transaction
            .map(|id| id.parse().map_err(|e| StoreError::damaged("calls.transaction_id", e)))
            .transpose()?,
        client_ip: row.try_get("client_ip")?,
        user_agent: row.try_get("user_agent")?,
    })
}

/// Every try. The column holds no more than its milliseconds where there was only the one that served.
fn attempts(text: &str, channel: ChannelId, status: u16) -> Result<Vec<Attempt>, StoreError> {
    match text.parse() {
        Ok(duration_ms) => {
            Ok(vec![Attempt { channel, status: Some(status), error: None, duration_ms }])
        }
        Err(_) => serde_json::from_str(text).map_err(|e| StoreError::damaged("calls.attempts", e)),
    }
}

fn usage(row: &AnyRow) -> Result<Usage, StoreError> {
    Ok(Usage {
        input: count("calls.input", row.try_get("input")?)?,
        cached_input: count("calls.cached_input", row.try_get("cached_input")?)?,
        cache_write: count("calls.cache_write", row.try_get("cache_write")?)?,
        cache_write_1h: count("calls.cache_write_1h", row.try_get("cache_write_1h")?)?,
        output: count("calls.output", row.try_get("output")?)?,
        reasoning: count("calls.reasoning", row.try_get("reasoning")?)?,
    })
}

/// A value by the name that it is serialised with.
fn named<T: DeserializeOwned>(column: &'static str, name: &str) -> Result<T, StoreError> {
    let name: value::StrDeserializer<'_, value::Error> = name.into_deserializer();
    T::deserialize(name).map_err(|e| StoreError::damaged(column, e))
}

fn count<T: TryFrom<i64>>(column: &'static str, number: i64) -> Result<T, StoreError> {
    T::try_from(number).map_err(|_| StoreError::damaged(column, "out of range"))
}
