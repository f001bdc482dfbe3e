//! The design has no counterexample; each of its broken variants has one.

mod exposure;
mod flaws;
mod goals;
mod sound;

use ledger_model::design::Design;
use ledger_model::flaws::Flaw;
use ledger_model::setup::Setup;
use stateright::{Checker, HasDiscoveries, Model, Path};
use std::collections::BTreeSet;
use std::time::Instant;

/// Visits every state of the world and asserts that all invariants hold in each.
fn assert_sound(world: &str, setup: Setup) {
    let start = Instant::now();
    let checker =
        Design::sound(setup).checker().finish_when(HasDiscoveries::AnyFailures).spawn_dfs().join();
    let (states, steps) = (checker.unique_state_count(), checker.state_count());
    println!("{world}: {states} states, {steps} steps, {:.1?}", start.elapsed());
    let found = checker.discoveries().into_iter();
    let found: Vec<_> = found.map(|(name, path)| (name, path.into_actions())).collect();
    assert!(found.is_empty(), "{world}: {found:?}");
}

/// Asserts that the world without one rule breaks `property`, and prints how.
fn assert_found(flaw: Flaw, setup: Setup, property: &'static str) {
    let checker = Design::broken(setup, flaw)
        .checker()
        .finish_when(HasDiscoveries::AllOf(BTreeSet::from([property])))
        .spawn_bfs()
        .join();
    let actions = checker.discovery(property).map(Path::into_actions);
    println!("{flaw:?} breaks \"{property}\": {actions:?}");
    assert!(actions.is_some(), "{flaw:?} does not break \"{property}\"");
}

/// Asserts that the world, with all rules, comes to states of each of these kinds.
fn assert_reached(setup: Setup, goals: &[&'static str]) {
    let checker = Design::explored(setup)
        .checker()
        .finish_when(HasDiscoveries::AllOf(goals.iter().copied().collect()))
        .spawn_dfs()
        .join();
    for goal in goals {
        assert!(checker.discovery(goal).is_some(), "not reached: {goal}");
    }
}
