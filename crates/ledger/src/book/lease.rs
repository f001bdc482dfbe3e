//! The part of a limit that this node may spend.
//!
//! One node leases all of every limit, so the lease is granted whatever the cap leaves. With several
//! nodes a lease is granted slice by slice; what stands above this file does not see the difference.

/// A part of one limit, in whole units (nano-dollars, or calls).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lease {
    /// Spent for good: in the database, or journaled on the way there.
    settled: i64,
    /// Held for calls in doubt.
    held: i64,
    /// Set aside for calls under way.
    reserved: i64,
}

impl Lease {
    /// A lease on a limit of which this much is spent and held.
    #[must_use]
    pub const fn new(settled: i64, held: i64) -> Self {
        Self { settled, held, reserved: 0 }
    }

    /// Spent for good.
    #[must_use]
    pub const fn settled(&self) -> i64 {
        self.settled
    }

    /// Held for calls in doubt.
    #[must_use]
    pub const fn held(&self) -> i64 {
        self.held
    }

    /// Set aside for calls under way.
    #[must_use]
    pub const fn reserved(&self) -> i64 {
        self.reserved
    }

    /// What a cap leaves; unlimited without one, and never below zero.
    #[must_use]
    pub fn free(&self, cap: Option<i64>) -> i64 {
        let taken = self.settled.saturating_add(self.held).saturating_add(self.reserved);
        cap.map_or(i64::MAX.saturating_sub(taken), |cap| cap.saturating_sub(taken)).max(0)
    }

    /// Sets an amount aside. The caller has checked that it is free.
    pub(super) const fn reserve(&mut self, amount: i64) {
        self.reserved = self.reserved.saturating_add(amount);
    }

    /// Gives back what was set aside, and spends a part of it for good.
    pub(super) fn settle(&mut self, reserved: i64, spent: i64) {
        debug_assert!(
            reserved <= self.reserved && spent >= 0,
            "{self:?} settles {reserved} as {spent}"
        );
        self.reserved = self.reserved.saturating_sub(reserved).max(0);
        self.settled = self.settled.saturating_add(spent.max(0));
    }

    /// Holds in doubt what was set aside.
    pub(super) fn doubt(&mut self, reserved: i64) {
        debug_assert!(reserved <= self.reserved, "{self:?} doubts {reserved}");
        self.reserved = self.reserved.saturating_sub(reserved).max(0);
        self.held = self.held.saturating_add(reserved);
    }

    /// Ends a doubt: nothing is held for it any more, and a part of it is spent for good.
    pub(super) fn resolve(&mut self, held: i64, spent: i64) {
        self.held = self.held.saturating_sub(held).max(0);
        self.settled = self.settled.saturating_add(spent.max(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_in_one_place_at_a_time() {
        let mut lease = Lease::new(10, 5);
        assert_eq!(lease.free(Some(100)), 85);
        lease.reserve(30);
        assert_eq!(lease.free(Some(100)), 55);
        lease.settle(20, 7);
        lease.doubt(10);
        assert_eq!((lease.settled(), lease.held(), lease.reserved()), (17, 15, 0));
        lease.resolve(10, 10);
        assert_eq!(
            (lease.free(Some(100)), lease.free(Some(20)), lease.free(None)),
            (68, 0, i64::MAX - 32)
        );
    }
}
