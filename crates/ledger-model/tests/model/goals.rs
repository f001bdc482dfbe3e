//! The worlds are not sound for want of events.

use crate::assert_reached;
use ledger_model::goals::{
    ABSORBED, ALL_DELIVERED, BILL_IN_DOUBT, DOUBT_SETTLED, FORGOTTEN_SHIPS, IN_DOUBT, LATE_BATCH,
    LOWERED, OVERRUN, PART_RETURNED, SENT_AGAIN, UNSYNCED,
};
use ledger_model::worlds;

#[test]
fn two_nodes() {
    assert_reached(worlds::two_nodes(), &[ALL_DELIVERED, IN_DOUBT, BILL_IN_DOUBT]);
}

#[test]
fn doubts_resolved() {
    assert_reached(worlds::doubts_resolved(), &[DOUBT_SETTLED, ABSORBED]);
}

#[test]
fn node_forgotten() {
    assert_reached(worlds::node_forgotten(), &[FORGOTTEN_SHIPS]);
}

#[test]
fn slow_database() {
    assert_reached(worlds::slow_database(), &[ALL_DELIVERED, LATE_BATCH, SENT_AGAIN]);
}

#[test]
fn limit_changed() {
    assert_reached(worlds::limit_changed(), &[LOWERED]);
}

#[test]
fn strict() {
    assert_reached(worlds::strict(), &[ALL_DELIVERED, IN_DOUBT]);
}

#[test]
fn bounds_moved() {
    assert_reached(worlds::bounds_moved(), &[ALL_DELIVERED, OVERRUN]);
}

#[test]
fn exposure() {
    assert_reached(worlds::exposure_changed(), &[ALL_DELIVERED, UNSYNCED, PART_RETURNED]);
}
