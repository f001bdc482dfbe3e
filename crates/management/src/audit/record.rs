//! What a change did, for the audit log: the thing as answers show it, before and after.
//!
//! An endpoint adds one line where it changes something, within the transaction: `access.app.record(…)`.
//! Old and new values come from the response types, which cannot hold a secret; of secrets the log
//! says only that they changed. `audit/things.rs` says of each kind of thing what is compared.

use domain::change::Changes;
use domain::id::UserId;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use store::Transaction;

use crate::problem::Problem;
use crate::state::App;

/// A thing whose changes the log shows.
pub(crate) trait Recorded {
    /// Fields that are no part of a change: names of the thing, and figures that come with use.
    const LEFT_OUT: &'static [&'static str];
    /// Fields of which the log says only that they changed: they may hold what somebody put there.
    const HIDDEN: &'static [&'static str] = &[];

    /// What the log calls it by.
    fn object(&self) -> String;

    /// Whose it is; none: the deployment's.
    fn owner(&self) -> Option<UserId>;

    /// As answers show it.
    fn shape(&self, app: &App) -> Result<impl Serialize, Problem>;

    /// Secrets, as they are stored: compared, and never written.
    fn secrets(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The same, where it exists.
    fn exists(&self) -> bool {
        true
    }
}

impl App {
    /// Tells the log what becomes of a thing: made where nothing was before, deleted where nothing
    /// is after. What was before must be what the transaction replaces: read under its lock, or with
    /// the version that the change checks.
    pub(crate) fn record<T: Recorded>(
        &self,
        transaction: &mut Transaction,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Result<(), Problem> {
        let Some(thing) = after.or(before) else { return Ok(()) };
        let changes = self.changes(before, after)?;
        transaction.changed(thing.object(), thing.owner(), changes);
        Ok(())
    }

    /// The same with fields that the thing's own JSON does not have.
    pub(crate) fn record_with<T: Recorded>(
        &self,
        transaction: &mut Transaction,
        before: &T,
        after: &T,
        more: impl FnOnce(&mut Changes),
    ) -> Result<(), Problem> {
        let mut changes = self.changes(Some(before), Some(after))?;
        more(&mut changes);
        transaction.changed(after.object(), after.owner(), changes);
        Ok(())
    }

    fn changes<T: Recorded>(
        &self,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Result<Changes, Problem> {
        let (before, after) = (before.filter(|it| it.exists()), after.filter(|it| it.exists()));
        let json = |it: Option<&T>| it.map(|it| self.json(it)).transpose();
        let mut changes = Changes::between(json(before)?.as_deref(), json(after)?.as_deref());
        changes.leave_out(T::LEFT_OUT);
        changes.hide_within(T::HIDDEN);
        if let (Some(before), Some(after)) = (before, after) {
            let (before, after) = (before.secrets(), after.secrets());
            let differs = |name: &str| {
                let of = |all: &[(&str, String)]| {
                    all.iter().find(|(it, _)| *it == name).map(|(_, secret)| secret.clone())
                };
                of(&before) != of(&after)
            };
            for (name, _) in after.iter().chain(&before) {
                if differs(name) && !changes.has(name) {
                    changes.hide(name);
                }
            }
        }
        Ok(changes)
    }

    fn json<T: Recorded>(&self, thing: &T) -> Result<Box<RawValue>, Problem> {
        to_raw_value(&thing.shape(self)?).map_err(Problem::internal)
    }
}

/// A secret that changed, and nothing else that the log shows.
pub(crate) fn secret(name: &str) -> Changes {
    let mut changes = Changes::default();
    changes.hide(name);
    changes
}

/// A field that changed, and nothing else.
pub(crate) fn field<T: Serialize>(name: &str, from: Option<&T>, to: Option<&T>) -> Changes {
    let mut changes = Changes::default();
    changes.add(name, from, to);
    changes
}
