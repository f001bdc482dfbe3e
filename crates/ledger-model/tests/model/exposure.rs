//! The exposure refinement: no counterexample, and one for each of its rules left out.

use crate::{assert_found, assert_sound};
use ledger_model::flaws::Flaw;
use ledger_model::properties::{LEASE, NO_OVERSPEND, SPEND_COVERED, SPEND_WITHIN_LIMIT};
use ledger_model::setup::{Mode, Setup};
use ledger_model::worlds;

#[test]
fn one_node() {
    assert_sound("exposure", worlds::exposure());
}

#[test]
fn raised_and_lowered() {
    assert_sound("exposure changed", worlds::exposure_changed());
}

#[test]
fn small_limit() {
    assert_sound("exposure, small limit", worlds::exposure_overspent());
}

#[test]
fn enlarged() {
    assert_sound("exposure enlarged", worlds::exposure_enlarged());
}

#[test]
fn strict() {
    let setup = Setup { mode: Mode::Strict, ..worlds::exposure_enlarged() };
    assert_sound("exposure, strict", setup);
}

/// Every call waits for the disk, and nothing needs to be held.
#[test]
fn never_declared() {
    let setup = Setup { declarations: &[], ..worlds::exposure_enlarged() };
    assert_sound("exposure never declared", setup);
}

#[test]
fn two_nodes() {
    assert_sound("exposure on two nodes", worlds::exposure_on_two_nodes());
}

#[test]
fn not_bounded() {
    let world = worlds::exposure_overspent();
    assert_found(Flaw::ExposureNotBounded, world, SPEND_WITHIN_LIMIT);
}

#[test]
fn before_declared() {
    let world = worlds::exposure_overspent();
    assert_found(Flaw::ExposureBeforeDeclared, world, SPEND_WITHIN_LIMIT);
}

#[test]
fn freed_at_settle() {
    let world = worlds::exposure_overspent();
    assert_found(Flaw::ExposureFreedAtSettle, world, SPEND_WITHIN_LIMIT);
}

#[test]
fn not_held_at_all() {
    let world = worlds::exposure_overspent();
    assert_found(Flaw::LeaseReturnedAfterPowerLoss, world, SPEND_WITHIN_LIMIT);
}

#[test]
fn lowered_late() {
    assert_found(Flaw::ExposureLoweredLate, worlds::exposure_changed(), SPEND_COVERED);
}

#[test]
fn held_in_full() {
    assert_found(Flaw::ExposureHeldInFull, worlds::exposure_changed(), NO_OVERSPEND);
}

#[test]
fn intent_dropped_at_settle() {
    assert_found(Flaw::IntentDroppedAtSettle, worlds::exposure_changed(), SPEND_COVERED);
}

#[test]
fn enlargement_not_counted() {
    assert_found(Flaw::EnlargementNotCounted, worlds::exposure_enlarged(), SPEND_COVERED);
}

#[test]
fn given_back_before_sync() {
    assert_found(Flaw::GiveBackBeforeSync, worlds::exposure_enlarged(), LEASE);
}
