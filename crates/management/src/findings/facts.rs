//! What is known of a page of keys: a few statements for all of them, none per key.

use domain::id::{KeyId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use std::collections::{BTreeMap, HashMap};
use store::key_audit::{AuditQuery, AuditedKey, DaySpend};
use store::{Database, StoreError};

use super::kind::Kind;
use super::period::Period;

/// A day in milliseconds.
pub(super) const DAY: i64 = 24 * 3_600_000;
/// What a key spends is held against so many periods before.
pub(super) const PERIODS_BEFORE: i64 = 3;

/// Of all keys together, so many calls are looked at at once.
const CALLS_AT_ONCE: i64 = 2_000;

/// What is known of a key.
#[derive(Debug)]
pub(super) struct Facts {
    /// The key, and when it was last used.
    pub(super) audited: AuditedKey,
    /// Of its last calls in the period, how many came from each address; without those whose
    /// address is no longer kept.
    pub(super) addresses: BTreeMap<String, i64>,
    /// Of its last calls in the period, how many came in each wire format.
    pub(super) dialects: BTreeMap<String, i64>,
    /// What it was charged on each day of the period and those before.
    pub(super) spends: Vec<(UnixMillis, Nanos)>,
    /// What is put aside, until when; none: for good.
    pub(super) dismissed: HashMap<String, Option<UnixMillis>>,
}

/// Which keys to look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    /// Only this user's.
    pub(super) owner: Option<UserId>,
    /// Only this one.
    pub(super) key: Option<KeyId>,
    /// Only this is looked for.
    pub(super) kind: Option<Kind>,
    /// How far back.
    pub(super) period: Period,
    /// The time.
    pub(super) now: UnixMillis,
}

impl Scope {
    /// When the period started.
    pub(super) const fn start(&self) -> UnixMillis {
        self.now.plus(-self.period.days() * DAY)
    }

    /// From when on spending is compared.
    pub(super) const fn past_start(&self) -> UnixMillis {
        self.now.plus(-self.period.days() * (PERIODS_BEFORE + 1) * DAY)
    }

    fn wants(&self, kinds: &[Kind]) -> bool {
        self.kind.is_none_or(|kind| kinds.contains(&kind))
    }

    /// The facts of at most so many keys behind `after`, in the order of their ids; of fewer where
    /// they are busy, and of none only where there is none.
    pub(super) async fn facts(
        &self,
        database: &Database,
        after: Option<KeyId>,
        limit: u32,
    ) -> Result<Vec<Facts>, StoreError> {
        let query = AuditQuery { owner: self.owner, key: self.key, now: self.now, after, limit };
        let mut keys = database.keys_to_audit(&query).await?;
        let mut calls = 0_i64;
        let soon = keys.iter().position(|audited| {
            calls = calls.saturating_add(audited.last_calls);
            calls > CALLS_AT_ONCE
        });
        keys.truncate(soon.map_or(keys.len(), |at| at.max(1)));
        let ids: Vec<KeyId> = keys.iter().map(|audited| audited.key.id).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let used_since = |start: UnixMillis| -> Vec<KeyId> {
            let used = keys.iter().filter(|key| key.last_used_at.is_some_and(|at| at >= start));
            used.map(|audited| audited.key.id).collect()
        };
        let (mut addresses, mut dialects) = (HashMap::new(), HashMap::new());
        if self.wants(&[Kind::NoAllowlist, Kind::ManyAddresses, Kind::BroadPermissions]) {
            for origin in database.key_origins(&used_since(self.start()), self.start()).await? {
                let formats: &mut BTreeMap<String, i64> = dialects.entry(origin.key).or_default();
                add(formats, origin.dialect, origin.calls);
                if !origin.address.is_empty() {
                    add(addresses.entry(origin.key).or_default(), origin.address, origin.calls);
                }
            }
        }
        let mut spends: HashMap<KeyId, Vec<(UnixMillis, Nanos)>> = HashMap::new();
        if self.wants(&[Kind::NoLimit, Kind::UnusualSpend]) {
            let past = self.past_start();
            for DaySpend { key, day, charged } in
                database.key_spends(&used_since(past), past).await?
            {
                spends.entry(key).or_default().push((day, charged));
            }
        }
        let mut dismissed: HashMap<KeyId, HashMap<String, Option<UnixMillis>>> = HashMap::new();
        for dismissal in database.dismissals(&ids, self.now).await? {
            dismissed.entry(dismissal.key).or_default().insert(dismissal.kind, dismissal.until);
        }
        Ok(keys
            .into_iter()
            .map(|audited| {
                let id = audited.key.id;
                Facts {
                    addresses: addresses.remove(&id).unwrap_or_default(),
                    dialects: dialects.remove(&id).unwrap_or_default(),
                    spends: spends.remove(&id).unwrap_or_default(),
                    dismissed: dismissed.remove(&id).unwrap_or_default(),
                    audited,
                }
            })
            .collect())
    }
}

fn add(sums: &mut BTreeMap<String, i64>, name: String, calls: i64) {
    let sum = sums.entry(name).or_insert(0);
    *sum = sum.saturating_add(calls);
}
