//! A user's balance in memory.

use domain::id::UserId;
use domain::money::Nanos;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::lease::Lease;

/// The balance that all keys of a user share, and the lock that guards their limits too.
#[derive(Debug)]
pub struct UserBook {
    id: UserId,
    state: Mutex<UserState>,
}

#[derive(Debug)]
pub(super) struct UserState {
    /// What was topped up; none: unlimited credit.
    pub(super) credited: Option<i64>,
    pub(super) balance: Lease,
}

impl UserBook {
    /// A book from the database's figures.
    #[must_use]
    pub fn new(id: UserId, credited: Option<Nanos>, balance: Lease) -> Self {
        Self { id, state: Mutex::new(UserState { credited: credited.map(Nanos::get), balance }) }
    }

    /// The user.
    #[must_use]
    pub const fn id(&self) -> UserId {
        self.id
    }

    /// Takes over a new credit.
    pub fn set_credited(&self, credited: Option<Nanos>) {
        self.lock().credited = credited.map(Nanos::get);
    }

    /// The balance's lease.
    #[must_use]
    pub fn balance(&self) -> Lease {
        self.lock().balance
    }

    /// What the balance leaves for further calls; none: unlimited credit.
    #[must_use]
    pub fn free(&self) -> Option<Nanos> {
        let state = self.lock();
        state.credited.map(|_| Nanos::new(state.balance.free(state.credited)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, UserState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
