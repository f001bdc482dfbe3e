//! Rules: when an alert is raised, and where it goes.

use domain::alert::{AlertKind, AlertScope};
use domain::id::{AlertDestinationId, AlertRuleId, UserId};
use domain::time::UnixMillis;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::{Database, Transaction};
use crate::error::StoreError;

/// When an alert is raised, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRule {
    /// The rule.
    pub id: AlertRuleId,
    /// Whose it is.
    pub owner: UserId,
    /// What it watches for.
    pub kind: AlertKind,
    /// From when on, in the kind's unit; 0 where the kind has none.
    pub threshold: i64,
    /// What it watches.
    pub scope: AlertScope,
    /// Where its alerts go; none: to all of the destinations that they would go to without it.
    pub destinations: Vec<AlertDestinationId>,
    /// Switched off: it still stands for the defaults of what it watches, and raises nothing.
    pub disabled: bool,
    /// When it was made.
    pub created_at: UnixMillis,
    /// Rises with each edit.
    pub version: i64,
}

macro_rules! columns {
    () => {
        "id, owner_id, kind, threshold, scope, destinations, disabled, created_at, version"
    };
}

impl Database {
    /// Every rule, oldest first; with an owner, only theirs.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn alert_rules(&self, owner: Option<UserId>) -> Result<Vec<AlertRule>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM alert_rules WHERE ($1 = '' OR owner_id = $1) ORDER BY id"
        ))
        .bind(owner.map(|id| id.to_string()).unwrap_or_default())
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// Every rule of a user who is not blocked, with whether that is an owner or admin.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn alert_rules_in_force(&self) -> Result<Vec<(AlertRule, bool)>, StoreError> {
        let rows = sqlx::query(
            "SELECT r.id, r.owner_id, r.kind, r.threshold, r.scope, r.destinations, r.disabled, r.created_at, r.version, \
             u.role FROM alert_rules r JOIN users u ON u.id = r.owner_id WHERE u.disabled = 0 ORDER BY r.id",
        )
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|row| {
                let role: String = row.try_get("role")?;
                Ok((from_row(row)?, role == "owner" || role == "admin"))
            })
            .collect()
    }

    /// One rule; with an owner, only if it is theirs.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none such.
    pub async fn alert_rule(
        &self,
        id: AlertRuleId,
        owner: Option<UserId>,
    ) -> Result<AlertRule, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM alert_rules WHERE id = $1 AND ($2 = '' OR owner_id = $2)"
        ))
        .bind(id.to_string())
        .bind(owner.map(|id| id.to_string()).unwrap_or_default())
        .fetch_one(self.readers())
        .await?;
        from_row(&row)
    }
}

impl Transaction {
    /// Makes a rule.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn insert_alert_rule(&mut self, rule: &AlertRule) -> Result<AlertRule, StoreError> {
        let (scope, destinations) = stored(rule)?;
        let row = sqlx::query(concat!(
            "INSERT INTO alert_rules (id, owner_id, kind, threshold, scope, destinations, disabled, created_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1) RETURNING ",
            columns!()
        ))
        .bind(rule.id.to_string())
        .bind(rule.owner.to_string())
        .bind(rule.kind.name())
        .bind(rule.threshold)
        .bind(scope)
        .bind(destinations)
        .bind(i64::from(rule.disabled))
        .bind(rule.created_at.get())
        .fetch_one(self.connection())
        .await?;
        from_row(&row)
    }

    /// Writes what of a rule can be edited, if it still has the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has another, or is gone.
    pub async fn update_alert_rule(&mut self, rule: &AlertRule) -> Result<AlertRule, StoreError> {
        let (scope, destinations) = stored(rule)?;
        let row = sqlx::query(concat!(
            "UPDATE alert_rules SET threshold = $1, scope = $2, destinations = $3, disabled = $4, version = version + 1 \
             WHERE id = $5 AND version = $6 RETURNING ",
            columns!()
        ))
        .bind(rule.threshold)
        .bind(scope)
        .bind(destinations)
        .bind(i64::from(rule.disabled))
        .bind(rule.id.to_string())
        .bind(rule.version)
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map_or(Err(StoreError::Stale), from_row)
    }

    /// Deletes a rule, if it still has the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it has another, or is gone.
    pub async fn delete_alert_rule(&mut self, rule: &AlertRule) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM alert_rules WHERE id = $1 AND version = $2")
            .bind(rule.id.to_string())
            .bind(rule.version)
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }
}

/// The columns that are JSON.
fn stored(rule: &AlertRule) -> Result<(String, String), StoreError> {
    Ok((
        serde_json::to_string(&rule.scope)
            .map_err(|e| StoreError::damaged("alert_rules.scope", e))?,
        serde_json::to_string(&rule.destinations)
            .map_err(|e| StoreError::damaged("alert_rules.destinations", e))?,
    ))
}

fn from_row(row: &AnyRow) -> Result<AlertRule, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(AlertRule {
        id: text("id")?.parse().map_err(|e| StoreError::damaged("alert_rules.id", e))?,
        owner: text("owner_id")?
            .parse()
            .map_err(|e| StoreError::damaged("alert_rules.owner_id", e))?,
        kind: AlertKind::from_name(&text("kind")?)
            .ok_or_else(|| StoreError::damaged("alert_rules.kind", "an unknown name"))?,
        threshold: row.try_get("threshold")?,
        scope: serde_json::from_str(&text("scope")?)
            .map_err(|e| StoreError::damaged("alert_rules.scope", e))?,
        destinations: serde_json::from_str(&text("destinations")?)
            .map_err(|e| StoreError::damaged("alert_rules.destinations", e))?,
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        created_at: UnixMillis::new(row.try_get("created_at")?),
        version: row.try_get("version")?,
    })
}
