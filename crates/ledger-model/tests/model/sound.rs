//! The design as it is: no counterexample in any of the worlds.

use crate::assert_sound;
use ledger_model::worlds;

#[test]
fn two_nodes() {
    assert_sound("two nodes", worlds::two_nodes());
}

#[test]
fn doubts_resolved() {
    assert_sound("doubts resolved", worlds::doubts_resolved());
}

#[test]
fn node_forgotten() {
    assert_sound("node forgotten", worlds::node_forgotten());
}

#[test]
fn slow_database() {
    assert_sound("slow database", worlds::slow_database());
}

#[test]
fn limit_changed() {
    assert_sound("limit changed", worlds::limit_changed());
}

#[test]
fn recalled() {
    assert_sound("recalled", worlds::recalled());
}

#[test]
fn strict() {
    assert_sound("strict", worlds::strict());
}

#[test]
fn bounds_moved() {
    assert_sound("bounds moved", worlds::bounds_moved());
}
