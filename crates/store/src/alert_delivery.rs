//! Messages on their way to destinations: a queue that survives a restart.

use domain::id::{AlertDestinationId, AlertId, DeliveryId};
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is tried at its time.
    Waiting,
    /// It arrived.
    Delivered,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// The name in the API and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Delivered, Self::Failed].into_iter().find(|it| it.name() == name)
    }
}

/// One message to one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The message; the same at every try.
    pub id: DeliveryId,
    /// Where it goes.
    pub destination: AlertDestinationId,
    /// What it is about; none: a test.
    pub alert: Option<AlertId>,
    /// `alert.raised`, `alert.resolved` or `alert.test`.
    pub event: String,
    /// The JSON that is sent, byte for byte.
    pub body: String,
    /// Where it is.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub next_at: UnixMillis,
    /// What the receiver answered last.
    pub status: Option<i64>,
    /// Why the last try failed.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it arrived or was given up.
    pub done_at: Option<UnixMillis>,
}

macro_rules! columns {
    () => {
        "id, destination_id, alert_id, event, body, state, attempts, next_at, status, error, created_at, done_at"
    };
}

impl Database {
    /// The messages to a destination, the newest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn deliveries(
        &self,
        destination: AlertDestinationId,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM alert_deliveries WHERE destination_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3"
        ))
        .bind(destination.to_string())
        .bind(after.map(|id| id.to_string()).unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// Messages whose time has come, the longest waiting first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn due_deliveries(
        &self,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM alert_deliveries WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at, id LIMIT $2"
        ))
        .bind(now.get())
        .bind(i64::from(limit))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }
}

impl Transaction {
    /// Puts a message into the queue.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn insert_delivery(&mut self, delivery: &Delivery) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO alert_deliveries (id, destination_id, alert_id, event, body, state, attempts, next_at, status, \
             error, created_at, done_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(delivery.id.to_string())
        .bind(delivery.destination.to_string())
        .bind(delivery.alert.map(|id| id.to_string()))
        .bind(&delivery.event)
        .bind(&delivery.body)
        .bind(delivery.state.name())
        .bind(delivery.attempts)
        .bind(delivery.next_at.get())
        .bind(delivery.status)
        .bind(delivery.error.clone())
        .bind(delivery.created_at.get())
        .bind(delivery.done_at.map(UnixMillis::get))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes a message for a try that ends before `until`; if this process ends first, it is due
    /// again then. False: another was faster.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn claim_delivery(
        &mut self,
        delivery: &Delivery,
        until: UnixMillis,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE alert_deliveries SET next_at = $1, attempts = attempts + 1 \
             WHERE id = $2 AND next_at = $3 AND attempts = $4 AND state = 'waiting'",
        )
        .bind(until.get())
        .bind(delivery.id.to_string())
        .bind(delivery.next_at.get())
        .bind(delivery.attempts)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes what a try came to, if the message still waits.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn note_delivery(&mut self, delivery: &Delivery) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE alert_deliveries SET state = $1, next_at = $2, status = $3, error = $4, done_at = $5 \
             WHERE id = $6 AND state = 'waiting'",
        )
        .bind(delivery.state.name())
        .bind(delivery.next_at.get())
        .bind(delivery.status)
        .bind(delivery.error.clone())
        .bind(delivery.done_at.map(UnixMillis::get))
        .bind(delivery.id.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn from_row(row: &AnyRow) -> Result<Delivery, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(Delivery {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("alert_deliveries.id", e))?,
        destination: text("destination_id")?
            .parse()
            .map_err(|e| StoreError::damaged("alert_deliveries.destination_id", e))?,
        alert: row
            .try_get::<Option<String>, _>("alert_id")?
            .map(|id| id.parse().map_err(|e| StoreError::damaged("alert_deliveries.alert_id", e)))
            .transpose()?,
        event: text("event")?,
        body: text("body")?,
        state: DeliveryState::from_name(&text("state")?)
            .ok_or_else(|| StoreError::damaged("alert_deliveries.state", "an unknown name"))?,
        attempts: row.try_get("attempts")?,
        next_at: UnixMillis::new(row.try_get("next_at")?),
        status: row.try_get("status")?,
        error: row.try_get("error")?,
        created_at: UnixMillis::new(row.try_get("created_at")?),
        done_at: row.try_get::<Option<i64>, _>("done_at")?.map(UnixMillis::new),
    })
}
