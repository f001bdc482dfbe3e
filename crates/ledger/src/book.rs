//! The limits in memory: what a node may still spend, per user and per key.
//!
//! A user's lock guards the user's balance and all limits of the user's keys, so setting a bound
//! aside on every limit at once is one short critical section: all or nothing, and a refusal is
//! never the ghost of another call's half-made reservation.

mod key_book;
mod lease;
mod user_book;

pub(crate) use key_book::Held;
pub use key_book::{Caps, KeyBook, KeySnapshot, WindowSnapshot};
pub use lease::Lease;
pub use user_book::UserBook;

use domain::money::Nanos;
use domain::time::UnixMillis;

/// A limit that a call can run into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// The cap on a key's life.
    KeyQuota,
    /// A key's money for the day.
    DailyAmount,
    /// A key's calls for the day.
    DailyRequests,
    /// A key's money for the month.
    MonthlyAmount,
    /// A key's calls for the month.
    MonthlyRequests,
    /// The owner's balance.
    Balance,
}

/// Why a bound could not be set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    /// The limit that binds.
    pub limit: Limit,
    /// What all money limits together leave.
    pub free: Nanos,
    /// When the limit starts anew, if it does.
    pub resets_at: Option<UnixMillis>,
}
