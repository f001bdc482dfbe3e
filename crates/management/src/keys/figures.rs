//! What a key has used, and what it therefore is, at one moment.

use domain::id::KeyId;
use domain::money::Nanos;
use domain::policy::KeyPolicy;
use domain::status::{KeyStatus, StatusFacts};
use domain::time::UnixMillis;
use ledger::book::{KeySnapshot, WindowSnapshot};
use store::StoreError;
use store::counter::{Counter, Counters, Subject};

use super::view::SpentView;
use crate::answer::Usd;
use crate::state::App;

/// A key's figures at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    pub(crate) used: Nanos,
    pub(crate) held: Nanos,
    pub(crate) reserved: Nanos,
    pub(crate) daily: SpentView,
    pub(crate) monthly: SpentView,
    pub(crate) last_used_at: Option<UnixMillis>,
}

impl Figures {
    /// The figures of the loaded book, else the database's: a key without a loaded book has
    /// nothing that is not in the database.
    pub(crate) async fn of(app: &App, id: KeyId) -> Result<Self, StoreError> {
        let ledger = &app.gateway.ledger;
        let windows = ledger.windows(ledger.now());
        if let Some(book) = ledger.loaded_key(id) {
            return Ok(Self::booked(&book.snapshot(&windows)));
        }
        let counters = app.gateway.database.counters(Subject::Key(id), &windows).await?;
        Ok(Self::counted(&counters))
    }

    /// The figures of several keys, in their order.
    pub(crate) async fn of_all(app: &App, ids: &[KeyId]) -> Result<Vec<Self>, StoreError> {
        let ledger = &app.gateway.ledger;
        let windows = ledger.windows(ledger.now());
        // Before the books are looked at: a key that is used first meanwhile has them afterwards.
        let counters = app.gateway.database.counters_of_keys(ids, &windows).await?;
        let figures = ids.iter().map(|id| match ledger.loaded_key(*id) {
            Some(book) => Self::booked(&book.snapshot(&windows)),
            None => counters.get(id).map(Self::counted).unwrap_or_default(),
        });
        Ok(figures.collect())
    }

    fn booked(now: &KeySnapshot) -> Self {
        let spent = |window: &WindowSnapshot| SpentView {
            requests: window.requests.settled(),
            amount: Usd(Nanos::new(window.amount.settled())),
        };
        Self {
            used: Nanos::new(now.total.amount.settled()),
            held: Nanos::new(now.total.amount.held()),
            reserved: Nanos::new(now.total.amount.reserved()),
            daily: spent(&now.day),
            monthly: spent(&now.month),
            last_used_at: some(now.last_used_at),
        }
    }

    fn counted(counters: &Counters) -> Self {
        let spent = |counter: &Counter| SpentView {
            requests: counter.requests,
            amount: Usd(counter.settled),
        };
        Self {
            used: counters.total.settled,
            held: counters.total.held,
            reserved: Nanos::ZERO,
            daily: spent(&counters.day),
            monthly: spent(&counters.month),
            last_used_at: some(counters.total.last_used_at),
        }
    }

    /// What a quota leaves.
    pub(crate) fn remaining(&self, quota: Option<Nanos>) -> Option<Nanos> {
        let taken = self.used.get().saturating_add(self.held.get());
        quota.map(|quota| Nanos::new(quota.get().saturating_sub(taken)))
    }

    /// What a key is, with these figures.
    pub(crate) fn status(&self, policy: &KeyPolicy, now: UnixMillis) -> KeyStatus {
        StatusFacts {
            revoked: policy.revoked,
            disabled: policy.disabled,
            expired: policy.expired(now),
            exhausted: self.remaining(policy.quota).is_some_and(|left| left <= Nanos::ZERO),
            used: self.last_used_at.is_some(),
        }
        .status()
    }
}

/// The epoch stands for never.
fn some(at: UnixMillis) -> Option<UnixMillis> {
    (at > UnixMillis::default()).then_some(at)
}
