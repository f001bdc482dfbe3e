//! The checks that only read: format, house rules, lints, documentation.

use anyhow::Result;

use super::Run;
use super::report::Outcome;
use crate::child::{cargo, show};
use crate::tidy;

pub(super) fn format(run: &Run) -> Result<Outcome> {
    let mut command = cargo(&run.root);
    command.args(["fmt", "--all", "--check"]);
    Ok(Outcome::held(show(&mut command)?.success))
}

pub(super) fn tidy(run: &Run) -> Result<Outcome> {
    Ok(Outcome::held(tidy::run(&run.root)?.findings == 0))
}

pub(super) fn clippy(run: &Run) -> Result<Outcome> {
    let mut command = cargo(&run.root);
    command.args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]);
    Ok(Outcome::held(show(&mut command)?.success))
}

pub(super) fn rustdoc(run: &Run) -> Result<Outcome> {
    let mut command = cargo(&run.root);
    command.args(["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    Ok(Outcome::held(show(&mut command)?.success))
}
