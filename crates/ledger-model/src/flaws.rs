//! Broken variants of the design.
//!
//! A model that finds nothing proves nothing until it is seen to find what is there. Each flaw
//! leaves out one rule; the tests assert that the checker then finds a counterexample.

/// One rule left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// Admission looks at the free amount and subtracts nothing until the call is settled.
    AdmitWithoutReserving,
    /// The terminal bytes go to the client before the settle is in the journal.
    TerminalBeforeJournal,
    /// After a restart the whole journal goes to the database again, with no look at the call ids
    /// and the watermark there.
    ReplayWithoutIdCheck,
    /// What calls without an end had reserved is given back at restart.
    DoubtReleasedAtRestart,
    /// A node that was silent for a while is taken for dead and its lease is granted anew.
    SilentLeaseTakenBack,
    /// After a power loss the lease remainder is given back as after `kill -9`.
    LeaseReturnedAfterPowerLoss,
    /// `cluster forget` gives the lease back instead of holding it.
    ForgetReturnsLease,
    /// A batch of a dead process may still commit after the restart has closed its epoch.
    LateBatchNotFenced,
    /// A free amount goes back to the database while the records that made it free are unsynced.
    GiveBackBeforeSync,
    /// A restart holds what the journal has no end for, though the end may be in the database.
    DoubtWithoutBooksCheck,
    /// Exposure: calls go out unsynced beyond the declared amount.
    ExposureNotBounded,
    /// Exposure: the declared amount is used before its declaration is durable.
    ExposureBeforeDeclared,
    /// Exposure: a settled call no longer counts, though its intent is still unsynced.
    ExposureFreedAtSettle,
    /// Exposure: a smaller declaration takes effect only once it is durable.
    ExposureLoweredLate,
    /// Exposure: the whole declared amount is held, though less of the lease is left.
    ExposureHeldInFull,
    /// Exposure: an intent leaves the journal when its call is settled, not when that is shipped.
    IntentDroppedAtSettle,
    /// Exposure: enlargements go out unsynced and are not counted.
    EnlargementNotCounted,
}
