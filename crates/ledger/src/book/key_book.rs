//! A key's limits in memory, and the one place where a bound is set aside on all of them.

use domain::id::KeyId;
use domain::money::Nanos;
use domain::policy::KeyPolicy;
use domain::time::UnixMillis;
use domain::window::{Window, Windows};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::counter::{Counter, Counters};

use super::lease::Lease;
use super::user_book::{UserBook, UserState};
use super::{Limit, Shortage};
use crate::flaw::{self, Flaw};
use crate::journal::Exposure;

/// The caps that a key's policy puts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caps {
    quota: Option<i64>,
    daily_amount: Option<i64>,
    daily_requests: Option<i64>,
    monthly_amount: Option<i64>,
    monthly_requests: Option<i64>,
}

impl From<&KeyPolicy> for Caps {
    fn from(policy: &KeyPolicy) -> Self {
        Self {
            quota: policy.quota.map(Nanos::get),
            daily_amount: policy.daily.amount.map(Nanos::get),
            daily_requests: policy.daily.requests,
            monthly_amount: policy.monthly.amount.map(Nanos::get),
            monthly_requests: policy.monthly.requests,
        }
    }
}

/// The limits of one key.
#[derive(Debug)]
pub struct KeyBook {
    id: KeyId,
    user: Arc<UserBook>,
    exposure: Arc<Exposure>,
    state: Mutex<KeyState>,
}

#[derive(Debug, Clone, Copy)]
struct WindowBook {
    starts_at: UnixMillis,
    amount: Lease,
    requests: Lease,
}

#[derive(Debug)]
struct KeyState {
    total: WindowBook,
    day: WindowBook,
    month: WindowBook,
    /// Windows that are over but still have calls under way.
    past: Vec<(Window, WindowBook)>,
    last_used_at: UnixMillis,
}

/// What was set aside, and in which windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) amount: Nanos,
    pub(crate) caps: Caps,
    pub(crate) day: UnixMillis,
    pub(crate) month: UnixMillis,
}

/// A window's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WindowSnapshot {
    /// Money.
    pub amount: Lease,
    /// Calls.
    pub requests: Lease,
}

/// A key's figures at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeySnapshot {
    /// Over its life.
    pub total: WindowSnapshot,
    /// In the day.
    pub day: WindowSnapshot,
    /// In the month.
    pub month: WindowSnapshot,
    /// When it was last used; the epoch: never.
    pub last_used_at: UnixMillis,
}

impl KeyBook {
    /// A book from the database's figures.
    #[must_use]
    pub fn new(id: KeyId, user: Arc<UserBook>, counters: &Counters, windows: &Windows) -> Self {
        let book = |counter: &Counter, window| WindowBook {
            starts_at: windows.start(window),
            amount: Lease::new(counter.settled.get(), counter.held.get()),
            requests: Lease::new(counter.requests, counter.requests_held),
        };
        let state = KeyState {
            total: book(&counters.total, Window::Total),
            day: book(&counters.day, Window::Day),
            month: book(&counters.month, Window::Month),
            past: Vec::new(),
            last_used_at: counters.total.last_used_at,
        };
        Self { id, user, exposure: Arc::default(), state: Mutex::new(state) }
    }

    /// The key.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The owner's book.
    #[must_use]
    pub const fn user(&self) -> &Arc<UserBook> {
        &self.user
    }

    /// What of the key a power loss could take.
    pub(crate) const fn exposure(&self) -> &Arc<Exposure> {
        &self.exposure
    }

    /// The key's figures now.
    #[must_use]
    pub fn snapshot(&self, windows: &Windows) -> KeySnapshot {
        let _user = self.user.lock();
        let mut state = self.lock();
        state.turn(windows);
        let window =
            |book: &WindowBook| WindowSnapshot { amount: book.amount, requests: book.requests };
        KeySnapshot {
            total: window(&state.total),
            day: window(&state.day),
            month: window(&state.month),
            last_used_at: state.last_used_at,
        }
    }

    /// Sets `bound` aside on every limit at once. Where it does not fit, `shrink` is asked for a
    /// smaller bound that fits into what is free; without one, nothing is set aside.
    pub(crate) fn reserve(
        &self,
        caps: Caps,
        bound: Nanos,
        now: UnixMillis,
        windows: &Windows,
        shrink: impl FnOnce(Nanos) -> Option<Nanos>,
    ) -> Result<Held, Shortage> {
        let mut user = self.user.lock();
        let mut state = self.lock();
        state.turn(windows);
        let free = state.free(&user, caps);
        let mut amount = bound;
        if free.amount < bound.get() && !flaw::is(Flaw::AdmitWithoutReserving) {
            let shortage = Shortage {
                limit: free.limit,
                free: Nanos::new(free.amount),
                resets_at: state.end(free.limit, windows),
            };
            amount = shrink(shortage.free)
                .filter(|smaller| smaller.get() <= free.amount)
                .ok_or(shortage)?;
        }
        if let Some(limit) = free.requests_short.filter(|_| !flaw::is(Flaw::AdmitWithoutReserving))
        {
            return Err(Shortage {
                limit,
                free: Nanos::new(free.amount),
                resets_at: state.end(limit, windows),
            });
        }
        let held = Held { amount, caps, day: state.day.starts_at, month: state.month.starts_at };
        state.each(&held, |book| {
            book.amount.reserve(amount.get());
            book.requests.reserve(1);
        });
        state.last_used_at = state.last_used_at.max(now);
        user.balance.reserve(amount.get());
        Ok(held)
    }

    /// Raises what is set aside to `bound`, or by as much as every limit leaves. Gives what is set
    /// aside then.
    pub(crate) fn enlarge(&self, held: &mut Held, bound: Nanos) -> Nanos {
        let mut user = self.user.lock();
        let mut state = self.lock();
        let wanted = bound.get().saturating_sub(held.amount.get()).max(0);
        let more = wanted.min(state.free_in(held, &user));
        state.each(held, |book| book.amount.reserve(more));
        user.balance.reserve(more);
        held.amount = Nanos::new(held.amount.get().saturating_add(more));
        held.amount
    }

    /// Gives back what was set aside and spends a part of it.
    pub(crate) fn settle(&self, held: &Held, charged: Nanos, counted: bool) {
        let mut user = self.user.lock();
        let mut state = self.lock();
        let reserved = held.amount.get();
        state.each(held, |book| {
            book.amount.settle(reserved, charged.get());
            book.requests.settle(1, i64::from(counted));
        });
        user.balance.settle(reserved, charged.get());
    }

    /// Holds in doubt what was set aside.
    pub(crate) fn doubt(&self, held: &Held) {
        let mut user = self.user.lock();
        let mut state = self.lock();
        state.each(held, |book| {
            book.amount.doubt(held.amount.get());
            book.requests.doubt(1);
        });
        user.balance.doubt(held.amount.get());
    }

    /// Ends a doubt.
    pub(crate) fn resolve(&self, held: &Held, charged: Nanos, counted: bool) {
        let mut user = self.user.lock();
        let mut state = self.lock();
        state.each(held, |book| {
            book.amount.resolve(held.amount.get(), charged.get());
            book.requests.resolve(1, i64::from(counted));
        });
        user.balance.resolve(held.amount.get(), charged.get());
    }

    fn lock(&self) -> MutexGuard<'_, KeyState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What all limits leave.
struct Free {
    amount: i64,
    limit: Limit,
    requests_short: Option<Limit>,
}

impl KeyState {
    /// Starts new windows where the old ones are over. Windows never go back.
    fn turn(&mut self, windows: &Windows) {
        let current = [(Window::Day, &mut self.day), (Window::Month, &mut self.month)];
        for (window, book) in current {
            let starts_at = windows.start(window);
            if starts_at > book.starts_at {
                let fresh =
                    WindowBook { starts_at, amount: Lease::default(), requests: Lease::default() };
                let over = std::mem::replace(book, fresh);
                self.past.push((window, over));
            }
        }
        self.past.retain(|(_, book)| book.requests.reserved() > 0);
    }

    fn free(&self, user: &UserState, caps: Caps) -> Free {
        let amounts = [
            (Limit::KeyQuota, self.total.amount.free(caps.quota)),
            (Limit::DailyAmount, self.day.amount.free(caps.daily_amount)),
            (Limit::MonthlyAmount, self.month.amount.free(caps.monthly_amount)),
            (Limit::Balance, user.balance.free(user.credited)),
        ];
        let requests = [
            (Limit::DailyRequests, self.day.requests.free(caps.daily_requests)),
            (Limit::MonthlyRequests, self.month.requests.free(caps.monthly_requests)),
        ];
        let (limit, amount) =
            amounts.into_iter().min_by_key(|(_, free)| *free).unwrap_or((Limit::Balance, 0));
        let requests_short =
            requests.into_iter().find(|(_, free)| *free < 1).map(|(limit, _)| limit);
        Free { amount, limit, requests_short }
    }

    /// What the limits leave in the windows of a call under way.
    fn free_in(&mut self, held: &Held, user: &UserState) -> i64 {
        let caps = held.caps;
        let mut free = self.total.amount.free(caps.quota).min(user.balance.free(user.credited));
        for (window, cap) in
            [(Window::Day, caps.daily_amount), (Window::Month, caps.monthly_amount)]
        {
            if let Some(book) = self.at(window, held.start(window)) {
                free = free.min(book.amount.free(cap));
            }
        }
        free
    }

    fn each(&mut self, held: &Held, mut act: impl FnMut(&mut WindowBook)) {
        for window in [Window::Total, Window::Day, Window::Month] {
            // A window that is long over is forgotten once nothing is under way in it; a doubt
            // resolved later then concerns the database alone.
            if let Some(book) = self.at(window, held.start(window)) {
                act(book);
            }
        }
    }

    fn at(&mut self, window: Window, starts_at: UnixMillis) -> Option<&mut WindowBook> {
        let current = match window {
            Window::Total => return Some(&mut self.total),
            Window::Day => &mut self.day,
            Window::Month => &mut self.month,
        };
        if current.starts_at == starts_at {
            return Some(current);
        }
        self.past
            .iter_mut()
            .find(|(kind, book)| *kind == window && book.starts_at == starts_at)
            .map(|(_, book)| book)
    }

    fn end(&self, limit: Limit, windows: &Windows) -> Option<UnixMillis> {
        match limit {
            Limit::KeyQuota | Limit::Balance => None,
            Limit::DailyAmount | Limit::DailyRequests => windows.end(Window::Day),
            Limit::MonthlyAmount | Limit::MonthlyRequests => windows.end(Window::Month),
        }
    }
}

impl Held {
    const fn start(&self, window: Window) -> UnixMillis {
        match window {
            Window::Total => UnixMillis::new(0),
            Window::Day => self.day,
            Window::Month => self.month,
        }
    }
}

#[cfg(test)]
#[path = "key_book_tests.rs"]
mod tests;
