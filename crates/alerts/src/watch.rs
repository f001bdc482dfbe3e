//! The watch: looks every second at what was shipped, and now and then at what time alone changes.

use domain::alert::AlertKind;
use domain::id::{KeyId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use hashbrown::{HashMap, HashSet};
use ledger::Recent;
use std::time::Duration;
use store::StoreError;
use store::alert_facts::KeyFacts;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::judge::{self, Finding, anomaly, expiry};
use crate::raise::{self, Told};
use crate::rules::{Judged, Rules};
use crate::{Alerts, Inner};

/// Between two looks at what was shipped.
const TICK: Duration = Duration::from_secs(1);
/// Between two looks at balances and at what may be over.
const OFTEN: Duration = Duration::from_secs(5);
/// Between two looks at keys that expire, and at what may be forgotten.
const SELDOM: Duration = Duration::from_secs(600);
/// Keys of one look; the rest waits for the next.
const MOST_KEYS: usize = 1_000;
/// Keys of one look whose hour is compared with their past.
const MOST_COMPARED: usize = 100;
/// Between two such comparisons of one key.
const COMPARE_EVERY: i64 = 60_000;
/// What is over is kept so long.
const KEEP_ALERTS: i64 = 400 * expiry::DAY;
const KEEP_DELIVERIES: i64 = 30 * expiry::DAY;

/// Watches until the gateway stops.
pub(crate) async fn run(alerts: &Alerts) {
    let mut watch = Watch::new(&alerts.0);
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !alerts.0.gateway.is_draining() {
        tokio::select! {
            _ = ticks.tick() => {}
            () = alerts.0.changed.notified() => watch.look_at_all(),
        }
        if let Err(error) = watch.look().await {
            if alerts.0.gateway.is_draining() {
                return;
            }
            tracing::warn!(%error, "alerts could not be judged; the next look makes up for it");
            watch.look_at_all();
        }
    }
}

struct Watch<'a> {
    inner: &'a Inner,
    told: Told,
    /// What was shipped and not looked at yet.
    waiting: Recent,
    /// When a key's hour was last compared.
    compared: HashMap<KeyId, UnixMillis>,
    /// Every key with a limit is still to be put among those waiting.
    all_keys: bool,
    often: Option<Instant>,
    seldom: Option<Instant>,
}

impl<'a> Watch<'a> {
    fn new(inner: &'a Inner) -> Self {
        Self {
            inner,
            told: Told::default(),
            waiting: Recent::default(),
            compared: HashMap::new(),
            all_keys: true,
            often: None,
            seldom: None,
        }
    }

    /// The next look is at everything.
    const fn look_at_all(&mut self) {
        self.all_keys = true;
        self.often = None;
        self.seldom = None;
    }

    async fn look(&mut self) -> Result<(), StoreError> {
        let (database, ledger) = (&self.inner.gateway.database, &self.inner.gateway.ledger);
        let recent = ledger.take_recent();
        self.waiting.keys.extend(recent.keys);
        self.waiting.suspects.extend(recent.suspects);
        if self.all_keys {
            let mut after = None;
            loop {
                let page = database.limited_keys(after).await?;
                let Some(last) = page.last() else { break };
                after = Some(*last);
                self.waiting.keys.extend(page);
            }
            self.all_keys = false;
        }
        let now = ledger.now();
        let rules = Rules::new(database.alert_rules_in_force().await?);
        let mut found = self.keys(&rules, now).await?;
        found.extend(self.suspects(&rules, now));
        let mut queued = raise::raise(database, &mut self.told, found, now).await?;
        queued += self.channels(&rules, now).await?;
        if is_due(&mut self.often, OFTEN) {
            queued += self.balances(&rules, now).await?;
            queued += self.over(&rules, now).await?;
        }
        if is_due(&mut self.seldom, SELDOM) {
            queued += self.expiring(&rules, now).await?;
            self.compared.retain(|_, at| now.since(*at) < COMPARE_EVERY);
            let mut transaction = database.begin().await?;
            transaction.forget_alerts(now.plus(-KEEP_ALERTS), now.plus(-KEEP_DELIVERIES)).await?;
            transaction.commit().await?;
        }
        if queued > 0 {
            self.inner.queued.notify_one();
        }
        Ok(())
    }

    /// Limits and hours of the keys that were used.
    async fn keys(&mut self, rules: &Rules, now: UnixMillis) -> Result<Vec<Finding>, StoreError> {
        let chosen: Vec<KeyId> = self.waiting.keys.iter().take(MOST_KEYS).copied().collect();
        if chosen.is_empty() {
            return Ok(Vec::new());
        }
        let windows = self.inner.gateway.ledger.windows(now);
        let keys = self.inner.gateway.database.key_facts(&chosen, &windows).await?;
        let mut found = Vec::new();
        let mut compared = 0;
        for key in &keys {
            found.extend(usage(key, rules, &windows));
            let due = self.compared.get(&key.id).is_none_or(|at| now.since(*at) >= COMPARE_EVERY);
            if due && compared < MOST_COMPARED {
                compared += 1;
                self.compared.insert(key.id, now);
                found.extend(self.hour(key, rules, now).await?);
            }
        }
        for key in chosen {
            self.waiting.keys.remove(&key);
        }
        Ok(found)
    }

    async fn hour(
        &self,
        key: &KeyFacts,
        rules: &Rules,
        now: UnixMillis,
    ) -> Result<Vec<Finding>, StoreError> {
        let windows = self.inner.gateway.ledger.windows(now);
        let since = windows.hour.plus(-anomaly::PAST);
        let facts = self.inner.gateway.database.hour_facts(key.id, windows.hour, since).await?;
        let triggers = rules.triggers(AlertKind::Anomaly, judged(key));
        let judge = |trigger: &_| anomaly::anomaly(key, &facts, &windows, trigger);
        Ok(triggers.iter().filter_map(judge).collect())
    }

    fn suspects(&mut self, rules: &Rules, now: UnixMillis) -> Vec<Finding> {
        let windows = self.inner.gateway.ledger.windows(now);
        let catalog = self.inner.gateway.catalog.load();
        let mut found = Vec::new();
        for (channel, calls) in std::mem::take(&mut self.waiting.suspects) {
            let entry = catalog.channels().iter().find(|entry| entry.id == channel);
            let name = entry.map_or("(deleted)", |entry| entry.name.as_str());
            for trigger in rules.triggers(AlertKind::CallSuspect, DEPLOYMENT) {
                found.push(judge::suspect::suspect((channel, name), calls, &windows, &trigger));
            }
        }
        found
    }

    /// Channels that are down, and those that are up again.
    async fn channels(&mut self, rules: &Rules, now: UnixMillis) -> Result<usize, StoreError> {
        let windows = self.inner.gateway.ledger.windows(now);
        let channels = self.inner.gateway.catalog.load().channels().to_vec();
        let triggers = rules.triggers(AlertKind::ChannelDown, DEPLOYMENT);
        let judge = |channel: &std::sync::Arc<_>| {
            let down = |trigger: &_| judge::channel::down(channel, now, &windows, trigger);
            triggers.iter().filter_map(down).collect::<Vec<_>>()
        };
        let found: Vec<Finding> = channels.iter().flat_map(judge).collect();
        self.settle(AlertKind::ChannelDown, found, now).await
    }

    async fn balances(&mut self, rules: &Rules, now: UnixMillis) -> Result<usize, StoreError> {
        let windows = self.inner.gateway.ledger.windows(now);
        let highest = Nanos::new(rules.highest(AlertKind::BalanceLow));
        let users = self.inner.gateway.database.balances_below(highest).await?;
        let judge = |facts: &_| balance(facts, rules, &windows);
        let found: Vec<Finding> = users.iter().flat_map(judge).collect();
        self.settle(AlertKind::BalanceLow, found, now).await
    }

    async fn expiring(&mut self, rules: &Rules, now: UnixMillis) -> Result<usize, StoreError> {
        let windows = self.inner.gateway.ledger.windows(now);
        let horizon = rules.highest(AlertKind::KeyExpiring).saturating_mul(expiry::DAY);
        let until = now.plus(horizon.saturating_add(1));
        let keys = self.inner.gateway.database.expiring_keys(now, until, &windows).await?;
        let judge = |key: &KeyFacts| {
            let triggers = rules.triggers(AlertKind::KeyExpiring, judged(key));
            let expiry = |trigger: &_| expiry::expiry(key, now, trigger);
            triggers.iter().filter_map(expiry).collect::<Vec<_>>()
        };
        let found: Vec<Finding> = keys.iter().flat_map(judge).collect();
        self.settle(AlertKind::KeyExpiring, found, now).await
    }

    /// Alerts about limits and hours whose cause is gone: the window ended, the limit was raised,
    /// the key is gone.
    async fn over(&mut self, rules: &Rules, now: UnixMillis) -> Result<usize, StoreError> {
        let windows = self.inner.gateway.ledger.windows(now);
        let database = &self.inner.gateway.database;
        let mut queued = 0;
        for kind in [AlertKind::SoftLimit, AlertKind::UsageThreshold, AlertKind::Anomaly] {
            let open = database.open_alerts(kind).await?;
            let ids: HashSet<KeyId> =
                open.iter().filter_map(|alert| alert.subject.parse().ok()).collect();
            if ids.is_empty() {
                continue;
            }
            let ids: Vec<KeyId> = ids.into_iter().collect();
            let mut found = Vec::new();
            for key in database.key_facts(&ids, &windows).await? {
                match kind {
                    AlertKind::Anomaly => found.extend(self.hour(&key, rules, now).await?),
                    _ => found.extend(usage(&key, rules, &windows)),
                }
            }
            queued += raise::resolve(database, kind, &found, now).await?;
        }
        // A suspect call stays one; its alert ends with the day.
        let today = |alert: &store::alert::Alert| alert.raised_at >= windows.day;
        for alert in database.open_alerts(AlertKind::CallSuspect).await? {
            if !today(&alert) {
                let mut transaction = database.begin().await?;
                transaction.resolve_alert(alert.id, now).await?;
                transaction.commit().await?;
            }
        }
        Ok(queued)
    }

    /// Raises what is new of all findings of a kind, and resolves what is not among them.
    async fn settle(
        &mut self,
        kind: AlertKind,
        found: Vec<Finding>,
        now: UnixMillis,
    ) -> Result<usize, StoreError> {
        let database = &self.inner.gateway.database;
        let resolved = raise::resolve(database, kind, &found, now).await?;
        let raised = raise::raise(database, &mut self.told, found, now).await?;
        Ok(resolved + raised)
    }
}

/// What belongs to nobody but the deployment.
const DEPLOYMENT: Judged<'static> = Judged { owner: None, key: None, tags: &[] };

const fn judged(key: &KeyFacts) -> Judged<'_> {
    Judged { owner: Some(key.owner), key: Some(key.id), tags: key.tags.as_slice() }
}

fn usage(key: &KeyFacts, rules: &Rules, windows: &domain::window::Windows) -> Vec<Finding> {
    let mut found = Vec::new();
    if key.soft_limit.is_some() {
        let triggers = rules.triggers(AlertKind::SoftLimit, judged(key));
        let judge = |trigger: &_| judge::usage::soft_limit(key, windows, trigger);
        found.extend(triggers.iter().filter_map(judge));
    }
    for trigger in rules.triggers(AlertKind::UsageThreshold, judged(key)) {
        found.extend(judge::usage::threshold(key, windows, &trigger));
    }
    found
}

fn balance(
    facts: &store::alert_facts::BalanceFacts,
    rules: &Rules,
    windows: &domain::window::Windows,
) -> Vec<Finding> {
    let owner: Option<UserId> = Some(facts.user);
    let triggers = rules.triggers(AlertKind::BalanceLow, Judged { owner, key: None, tags: &[] });
    let judge = |trigger: &_| judge::balance::balance(facts, windows, trigger);
    triggers.iter().filter_map(judge).collect()
}

/// Whether the time for something has come again.
fn is_due(last: &mut Option<Instant>, every: Duration) -> bool {
    let now = Instant::now();
    let due = last.is_none_or(|last| now.duration_since(last) >= every);
    if due {
        *last = Some(now);
    }
    due
}
