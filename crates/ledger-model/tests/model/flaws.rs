//! The design without one of its rules: the checker finds what breaks.

use crate::assert_found;
use ledger_model::flaws::Flaw;
use ledger_model::properties::{LEASE, NO_LOST_BILL, ONE_SETTLE, SPEND_WITHIN_LIMIT};
use ledger_model::worlds;

#[test]
fn admit_without_reserving() {
    assert_found(Flaw::AdmitWithoutReserving, worlds::strict(), SPEND_WITHIN_LIMIT);
}

#[test]
fn terminal_before_journal() {
    assert_found(Flaw::TerminalBeforeJournal, worlds::doubts_resolved(), NO_LOST_BILL);
}

#[test]
fn replay_without_id_check() {
    assert_found(Flaw::ReplayWithoutIdCheck, worlds::doubts_resolved(), ONE_SETTLE);
}

#[test]
fn doubt_released_at_restart() {
    assert_found(Flaw::DoubtReleasedAtRestart, worlds::doubts_resolved(), SPEND_WITHIN_LIMIT);
}

#[test]
fn silent_lease_taken_back() {
    assert_found(Flaw::SilentLeaseTakenBack, worlds::doubts_resolved(), SPEND_WITHIN_LIMIT);
}

#[test]
fn lease_returned_after_power_loss() {
    let world = worlds::doubts_resolved();
    assert_found(Flaw::LeaseReturnedAfterPowerLoss, world, SPEND_WITHIN_LIMIT);
}

#[test]
fn doubt_without_books_check() {
    assert_found(Flaw::DoubtWithoutBooksCheck, worlds::doubts_resolved(), ONE_SETTLE);
}

/// The strict mode does not do without this rule: an intent may be lost in it, too.
#[test]
fn lease_returned_after_power_loss_in_strict_mode() {
    let world = worlds::strict();
    assert_found(Flaw::LeaseReturnedAfterPowerLoss, world, SPEND_WITHIN_LIMIT);
}

#[test]
fn forget_returns_lease() {
    assert_found(Flaw::ForgetReturnsLease, worlds::node_forgotten(), SPEND_WITHIN_LIMIT);
}

#[test]
fn late_batch_not_fenced() {
    assert_found(Flaw::LateBatchNotFenced, worlds::slow_database(), LEASE);
}

#[test]
fn give_back_before_sync() {
    assert_found(Flaw::GiveBackBeforeSync, worlds::recalled(), LEASE);
}
