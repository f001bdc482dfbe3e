//! Destinations: where alerts are sent. A webhook's secret is sealed before it comes here.

use domain::id::{AlertDestinationId, UserId};
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::channel::SealedSecret;
use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// How a destination is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestinationKind {
    /// `POST` of signed JSON to a URL.
    Webhook,
    /// A letter to an e-mail address.
    Email,
}

impl DestinationKind {
    /// The name in the API and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Email => "email",
        }
    }

    /// The kind behind a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Webhook, Self::Email].into_iter().find(|kind| kind.name() == name)
    }
}

/// Where alerts are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertDestination {
    /// The destination.
    pub id: AlertDestinationId,
    /// Whose it is.
    pub owner: UserId,
    /// What its owner calls it.
    pub name: String,
    /// How it is reached.
    pub kind: DestinationKind,
    /// A URL or an e-mail address.
    pub address: String,
    /// What a webhook is signed with.
    pub secret: Option<SealedSecret>,
    /// Switched off.
    pub disabled: bool,
    /// When it was made.
    pub created_at: UnixMillis,
    /// Rises with each edit.
    pub version: i64,
}

macro_rules! columns {
    () => {
        "id, owner_id, name, kind, address, secret, disabled, created_at, version"
    };
}

impl Database {
    /// Every destination, oldest first; with an owner, only theirs.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn alert_destinations(
        &self,
        owner: Option<UserId>,
    ) -> Result<Vec<AlertDestination>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM alert_destinations WHERE ($1 = '' OR owner_id = $1) ORDER BY id"
        ))
        .bind(owner.map(|id| id.to_string()).unwrap_or_default())
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// Every destination of an owner or admin who is not blocked.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn operators_alert_destinations(&self) -> Result<Vec<AlertDestination>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM alert_destinations WHERE owner_id IN \
             (SELECT id FROM users WHERE role IN ('owner', 'admin') AND disabled = 0) ORDER BY id"
        ))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// One destination; with an owner, only if it is theirs.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such.
    pub async fn alert_destination(
        &self,
        id: AlertDestinationId,
        owner: Option<UserId>,
    ) -> Result<AlertDestination, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM alert_destinations WHERE id = $1 AND ($2 = '' OR owner_id = $2)"
        ))
        .bind(id.to_string())
        .bind(owner.map(|id| id.to_string()).unwrap_or_default())
        .fetch_one(self.readers())
        .await?;
        from_row(&row)
    }
}

impl Transaction {
    /// Makes a destination.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn insert_alert_destination(
        &mut self,
        destination: &AlertDestination,
    ) -> Result<AlertDestination, StoreError> {
        let row = sqlx::query(concat!(
            "INSERT INTO alert_destinations (id, owner_id, name, kind, address, secret, disabled, created_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1) RETURNING ",
            columns!()
        ))
        .bind(destination.id.to_string())
        .bind(destination.owner.to_string())
        .bind(&destination.name)
        .bind(destination.kind.name())
        .bind(&destination.address)
        .bind(destination.secret.as_ref().map(|secret| secret.as_str().to_owned()))
        .bind(i64::from(destination.disabled))
        .bind(destination.created_at.get())
        .fetch_one(self.connection())
        .await?;
        from_row(&row)
    }

    /// Writes what of a destination can be edited, if it still has the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has another, or is gone.
    pub async fn update_alert_destination(
        &mut self,
        destination: &AlertDestination,
    ) -> Result<AlertDestination, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE alert_destinations SET name = $1, address = $2, secret = $3, disabled = $4, version = version + 1 \
             WHERE id = $5 AND version = $6 RETURNING ",
            columns!()
        ))
        .bind(&destination.name)
        .bind(&destination.address)
        .bind(destination.secret.as_ref().map(|secret| secret.as_str().to_owned()))
        .bind(i64::from(destination.disabled))
        .bind(destination.id.to_string())
        .bind(destination.version)
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map_or(Err(StoreError::Stale), from_row)
    }

    /// Deletes a destination with its secret and its messages, if it still has the version that was
    /// read. Whether rules name it is the caller's question.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has another, or is gone.
    pub async fn delete_alert_destination(
        &mut self,
        destination: &AlertDestination,
    ) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM alert_destinations WHERE id = $1 AND version = $2")
            .bind(destination.id.to_string())
            .bind(destination.version)
            .execute(self.connection())
            .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Stale);
        }
        sqlx::query("DELETE FROM alert_deliveries WHERE destination_id = $1")
            .bind(destination.id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn from_row(row: &AnyRow) -> Result<AlertDestination, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(AlertDestination {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("alert_destinations.id", e))?,
        owner: text("owner_id")?
            .parse()
            .map_err(|e| StoreError::damaged("alert_destinations.owner_id", e))?,
        name: text("name")?,
        kind: DestinationKind::from_name(&text("kind")?)
            .ok_or_else(|| StoreError::damaged("alert_destinations.kind", "an unknown name"))?,
        address: text("address")?,
        secret: row.try_get::<Option<String>, _>("secret")?.map(SealedSecret::new),
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        created_at: UnixMillis::new(row.try_get("created_at")?),
        version: row.try_get("version")?,
    })
}
