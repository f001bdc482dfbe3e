//! Stores what is new and queues its messages, in one transaction; resolves what is over.

use domain::alert::AlertKind;
use domain::id::{AlertDestinationId, AlertId, AlertRuleId, DeliveryId, UserId};
use domain::time::UnixMillis;
use hashbrown::HashSet;
use store::alert::Alert;
use store::alert_delivery::{Delivery, DeliveryState};
use store::alert_destination::AlertDestination;
use store::{Database, StoreError};

use crate::judge::{Finding, state_of};
use crate::message::{self, Event};

/// Occasions that were told, so that a look that finds nothing new writes nothing.
#[derive(Default)]
pub(crate) struct Told(HashSet<String>);

/// More are not remembered: the database knows them all.
const MOST_REMEMBERED: usize = 100_000;

impl Told {
    fn is_new(&self, finding: &Finding) -> bool {
        !self.0.contains(&finding.occasion())
    }

    fn note(&mut self, occasion: String) {
        if self.0.len() >= MOST_REMEMBERED {
            self.0.clear();
        }
        self.0.insert(occasion);
    }
}

/// Raises what was not told before; how many messages were queued.
pub(crate) async fn raise(
    database: &Database,
    told: &mut Told,
    findings: Vec<Finding>,
    now: UnixMillis,
) -> Result<usize, StoreError> {
    let mut queued = 0;
    for finding in findings {
        if !told.is_new(&finding) {
            continue;
        }
        if is_state(finding.kind) && is_open(database, &finding).await? {
            continue;
        }
        let trigger = &finding.trigger;
        let destinations = destinations(database, trigger.audience, &trigger.destinations).await?;
        let alert = alert(&finding, now);
        let mut transaction = database.begin().await?;
        if transaction.raise_alert(&alert).await? {
            for delivery in deliveries(&alert, Event::Raised, &destinations, now) {
                transaction.insert_delivery(&delivery).await?;
                queued += 1;
            }
            transaction.commit().await?;
            tracing::warn!(kind = alert.kind.name(), subject = %alert.subject, "{}", alert.text);
        }
        told.note(alert.occasion);
    }
    Ok(queued)
}

/// Resolves open alerts that are found no more; how many messages were queued. `findings` are all
/// of the present ones of the kind.
pub(crate) async fn resolve(
    database: &Database,
    kind: AlertKind,
    findings: &[Finding],
    now: UnixMillis,
) -> Result<usize, StoreError> {
    let mut queued = 0;
    for mut alert in database.open_alerts(kind).await? {
        let goes_on = findings.iter().any(|finding| match is_state(kind) {
            true => finding.state() == state_of(&alert.occasion),
            false => finding.occasion() == alert.occasion,
        });
        if goes_on {
            continue;
        }
        alert.resolved_at = Some(now);
        let mut transaction = database.begin().await?;
        if !transaction.resolve_alert(alert.id, now).await? {
            continue;
        }
        // A new day ends an alert about the old one, too: that is nobody's news.
        if is_state(kind) {
            let named = named_by(database, alert.rule).await?;
            let destinations = destinations(database, alert.owner, &named).await?;
            for delivery in deliveries(&alert, Event::Resolved, &destinations, now) {
                transaction.insert_delivery(&delivery).await?;
                queued += 1;
            }
        }
        transaction.commit().await?;
    }
    Ok(queued)
}

/// Whether an alert lasts until its cause is gone, whichever window that is in.
const fn is_state(kind: AlertKind) -> bool {
    matches!(kind, AlertKind::BalanceLow | AlertKind::ChannelDown)
}

async fn is_open(database: &Database, finding: &Finding) -> Result<bool, StoreError> {
    let (open, state) = (database.open_alerts(finding.kind).await?, finding.state());
    Ok(open.iter().any(|alert| state_of(&alert.occasion) == state))
}

fn alert(finding: &Finding, now: UnixMillis) -> Alert {
    Alert {
        id: AlertId::new(now, rand::random()),
        kind: finding.kind,
        severity: finding.severity,
        rule: finding.trigger.rule,
        subject: finding.subject.clone(),
        owner: finding.trigger.audience,
        occasion: finding.occasion(),
        numbers: finding.numbers.clone(),
        text: finding.text.clone(),
        raised_at: now,
        resolved_at: None,
        acknowledged_at: None,
    }
}

/// Where an alert goes: to those of its audience's destinations that its rule names, or to all.
async fn destinations(
    database: &Database,
    audience: Option<UserId>,
    named: &[AlertDestinationId],
) -> Result<Vec<AlertDestination>, StoreError> {
    let mut all = match audience {
        Some(user) => database.alert_destinations(Some(user)).await?,
        None => database.operators_alert_destinations().await?,
    };
    all.retain(|it| !it.disabled && (named.is_empty() || named.contains(&it.id)));
    Ok(all)
}

/// What the rule of an alert names.
async fn named_by(
    database: &Database,
    rule: Option<AlertRuleId>,
) -> Result<Vec<AlertDestinationId>, StoreError> {
    let Some(rule) = rule else { return Ok(Vec::new()) };
    match database.alert_rule(rule, None).await {
        Ok(rule) => Ok(rule.destinations),
        Err(StoreError::NotFound) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn deliveries(
    alert: &Alert,
    event: Event,
    destinations: &[AlertDestination],
    now: UnixMillis,
) -> Vec<Delivery> {
    let body = message::of_alert(alert, event, now);
    let to = |destination: &AlertDestination| Delivery {
        id: DeliveryId::new(now, rand::random()),
        destination: destination.id,
        alert: Some(alert.id),
        event: event.name().to_owned(),
        body: body.clone(),
        state: DeliveryState::Waiting,
        attempts: 0,
        next_at: now,
        status: None,
        error: None,
        created_at: now,
        done_at: None,
    };
    destinations.iter().map(to).collect()
}
