//! Alerts: each occasion once, resolved and acknowledged later.

use domain::alert::{AlertKind, Severity};
use domain::id::{AlertId, AlertRuleId, UserId};
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// Something that its owner should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The alert.
    pub id: AlertId,
    /// What happened.
    pub kind: AlertKind,
    /// How grave it is.
    pub severity: Severity,
    /// The rule that it was raised by; none: a default.
    pub rule: Option<AlertRuleId>,
    /// What it happened to: the id of a key, a user or a channel.
    pub subject: String,
    /// Whose that is; none: the deployment's.
    pub owner: Option<UserId>,
    /// What is told once.
    pub occasion: String,
    /// The figures behind it.
    pub numbers: serde_json::Map<String, serde_json::Value>,
    /// The same as a sentence.
    pub text: String,
    /// When it was noticed.
    pub raised_at: UnixMillis,
    /// When it was over.
    pub resolved_at: Option<UnixMillis>,
    /// When somebody said that they know.
    pub acknowledged_at: Option<UnixMillis>,
}

/// Which alerts to list; what is none does not filter.
#[derive(Debug, Clone, Default)]
pub struct AlertQuery {
    /// Only this user's.
    pub owner: Option<UserId>,
    /// Only of this kind.
    pub kind: Option<AlertKind>,
    /// Only about this key, user or channel.
    pub subject: Option<String>,
    /// Only those that are not over (true), or are (false).
    pub open: Option<bool>,
    /// The last alert of the page before.
    pub after: Option<AlertId>,
    /// The most alerts to give.
    pub limit: u32,
}

macro_rules! columns {
    () => {
        "id, kind, severity, rule_id, subject, owner_id, occasion, numbers, text, raised_at, resolved_at, acknowledged_at"
    };
}

impl Database {
    /// A page of alerts, the newest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn alerts(&self, query: &AlertQuery) -> Result<Vec<Alert>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM alerts WHERE ($1 = '' OR owner_id = $1) AND ($2 = '' OR kind = $2) AND ($3 = '' OR subject = $3) \
             AND ($4 = 0 OR ($4 = 1 AND resolved_at IS NULL) OR ($4 = 2 AND resolved_at IS NOT NULL)) \
             AND ($5 = '' OR id < $5) ORDER BY id DESC LIMIT $6"
        ))
        .bind(query.owner.map(|id| id.to_string()).unwrap_or_default())
        .bind(query.kind.map_or("", AlertKind::name))
        .bind(query.subject.clone().unwrap_or_default())
        .bind(match query.open {
            None => 0_i64,
            Some(true) => 1,
            Some(false) => 2,
        })
        .bind(query.after.map(|id| id.to_string()).unwrap_or_default())
        .bind(i64::from(query.limit))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// Alerts of some kind that are not over.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn open_alerts(&self, kind: AlertKind) -> Result<Vec<Alert>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM alerts WHERE resolved_at IS NULL AND kind = $1 ORDER BY id"
        ))
        .bind(kind.name())
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }
}

impl Transaction {
    /// Raises an alert, unless its occasion was told before. True: it is new.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn raise_alert(&mut self, alert: &Alert) -> Result<bool, StoreError> {
        let numbers = serde_json::to_string(&alert.numbers)
            .map_err(|e| StoreError::damaged("alerts.numbers", e))?;
        let done = sqlx::query(
            "INSERT INTO alerts (id, kind, severity, rule_id, subject, owner_id, occasion, numbers, text, raised_at, \
             resolved_at, acknowledged_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT)) \
             ON CONFLICT (occasion) DO NOTHING",
        )
        .bind(alert.id.to_string())
        .bind(alert.kind.name())
        .bind(alert.severity.name())
        .bind(alert.rule.map(|id| id.to_string()))
        .bind(&alert.subject)
        .bind(alert.owner.map(|id| id.to_string()))
        .bind(&alert.occasion)
        .bind(numbers)
        .bind(&alert.text)
        .bind(alert.raised_at.get())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that an alert is over. True: it was not before.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn resolve_alert(
        &mut self,
        id: AlertId,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let done =
            sqlx::query("UPDATE alerts SET resolved_at = $1 WHERE id = $2 AND resolved_at IS NULL")
                .bind(now.get())
                .bind(id.to_string())
                .execute(self.connection())
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that somebody knows of an alert; the first time counts. With an owner, only if it is
    /// theirs.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such.
    pub async fn acknowledge_alert(
        &mut self,
        id: AlertId,
        owner: Option<UserId>,
        now: UnixMillis,
    ) -> Result<Alert, StoreError> {
        let row = sqlx::query(concat!(
            "UPDATE alerts SET acknowledged_at = COALESCE(acknowledged_at, $1) \
             WHERE id = $2 AND ($3 = '' OR owner_id = $3) RETURNING ",
            columns!()
        ))
        .bind(now.get())
        .bind(id.to_string())
        .bind(owner.map(|id| id.to_string()).unwrap_or_default())
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map_or(Err(StoreError::NotFound), from_row)
    }

    /// Forgets alerts and messages that were over before these times.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn forget_alerts(
        &mut self,
        alerts_before: UnixMillis,
        deliveries_before: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM alerts WHERE resolved_at < $1")
            .bind(alerts_before.get())
            .execute(self.connection())
            .await?;
        sqlx::query("DELETE FROM alert_deliveries WHERE state <> 'waiting' AND done_at < $1")
            .bind(deliveries_before.get())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn from_row(row: &AnyRow) -> Result<Alert, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let time = |column: &str| -> Result<Option<UnixMillis>, StoreError> {
        Ok(row.try_get::<Option<i64>, _>(column)?.map(UnixMillis::new))
    };
    let unknown = |column| StoreError::damaged(column, "an unknown name");
    Ok(Alert {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("alerts.id", e))?,
        kind: AlertKind::from_name(&text("kind")?).ok_or_else(|| unknown("alerts.kind"))?,
        severity: Severity::from_name(&text("severity")?)
            .ok_or_else(|| unknown("alerts.severity"))?,
        rule: row
            .try_get::<Option<String>, _>("rule_id")?
            .map(|id| id.parse().map_err(|e| StoreError::damaged("alerts.rule_id", e)))
            .transpose()?,
        subject: text("subject")?,
        owner: row
            .try_get::<Option<String>, _>("owner_id")?
            .map(|id| id.parse().map_err(|e| StoreError::damaged("alerts.owner_id", e)))
            .transpose()?,
        occasion: text("occasion")?,
        numbers: serde_json::from_str(&text("numbers")?)
            .map_err(|e| StoreError::damaged("alerts.numbers", e))?,
        text: text("text")?,
        raised_at: UnixMillis::new(row.try_get("raised_at")?),
        resolved_at: time("resolved_at")?,
        acknowledged_at: time("acknowledged_at")?,
    })
}
