//! The exact books: reserve, journal, settle, ship, recover, verify.
//!
//! A call's money moves through four hands, each of which is a type that only the one before can
//! make: [`book::KeyBook`] (the limits in memory) → [`call::Reservation`] (the bound is set aside)
//! → [`call::OpenCall`] (the intent is journaled; the upstream may be asked) → settled. What is
//! dropped on the way is given back, or held in doubt; it is never forgotten.
//!
//! Start reading at `ledger.rs`. What must always hold is written in `docs/en/invariants.md`.

pub mod backup;
pub mod book;
pub mod call;
pub mod clock;
pub mod journal;

pub mod doubt;
pub mod flaw;
mod ledger;
mod open;
mod recent;
mod recover;
mod ship;
pub mod verify;

pub use ledger::{Ledger, Options};
pub use open::{OpenError, lock_directory};
pub use recent::Recent;
