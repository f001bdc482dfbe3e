//! An exhaustive model of the exact books: nodes, leases, journals, crashes, power losses.
//!
//! The metering design claims *0 over, 0 lost, 0 billed twice* under `kill -9` at any instant, power
//! losses, and several nodes on one database. Here the claim is written as a state machine small
//! enough that a checker (stateright) visits **every** state that any order of events can lead it
//! into, and looks at every invariant in each. No code of the product runs in it: it is the rules
//! that are checked, and the ledger follows them.
//!
//! # How to read it
//!
//! 1. [`setup`]: what a small world is made of: limits, calls, nodes, and what may befall them.
//! 2. [`state`]: what there is at one instant. The *database* is shared and keeps what is
//!    committed. A *node* has memory, which a crash clears, and a journal: a prefix on the disk,
//!    the rest in the page cache. A *call* knows what really happened to it, which no ledger can.
//! 3. [`actions`]: what may happen next, and the rule that says when. **The design's order of
//!    things is here**: a call is admitted, then its intent is written, then it is forwarded, then
//!    its settle is written, then its client gets the terminal bytes.
//! 4. [`step`]: what each event changes; `step/crash.rs` has the restart.
//! 5. [`exposure`]: the one refinement, which has a module of its own.
//! 6. [`properties`]: the invariants, by their numbers. [`goals`]: what must be reachable.
//! 7. [`flaws`]: rules that can be left out, to see that the checker then finds what breaks.
//! 8. [`worlds`]: the setups that the tests check. [`design`] hands one to the checker, and
//!    [`canonical`] merges states that have the same future.
//!
//! `cargo test -p tollkeeper-ledger-model -- --nocapture` prints the size of each world and, for
//! each flaw, the events of a counterexample.
//!
//! # What one event is
//!
//! Each [`actions::Action`] is one instant, and a crash can fall between any two: one
//! compare-and-subtract in memory, one `write(2)`, one database transaction. `kill -9` takes the
//! memory. A power loss also takes any suffix of the journal beyond what is on the disk. A batch
//! that was sent may commit at once, after its process has died, or never, and its answer may not
//! arrive, whereupon it is sent again. The restart is two transactions, and a power loss may hit
//! the dead node before and between them; the first can be repeated without effect.
//!
//! # The rules that turned out to carry the weight
//!
//! - **A restart closes the epoch** in the transaction that returns or holds its remainder, and
//!   begins another with an empty journal. Nothing that names the closed epoch is accepted: not a
//!   late batch ([`flaws::Flaw::LateBatchNotFenced`]) and not a sequence number, some of which the
//!   database may have seen though a power loss took them from the journal.
//! - **A call is in doubt** if its intent is in the journal and its end is neither there *nor in
//!   the database* ([`flaws::Flaw::DoubtWithoutBooksCheck`]): the settle may have been shipped
//!   before the power loss took it. And an intent stays in the journal until its end is shipped
//!   ([`flaws::Flaw::IntentDroppedAtSettle`]): that it is written is not enough.
//! - **After a power loss everything outstanding stays held**, also in the strict mode, because
//!   intents do not wait for the disk. That the machine lost its power is a fact about the
//!   journal, not about the process: it holds until the epoch is closed, however often the restart
//!   itself is interrupted.
//! - **`cluster forget` holds, it does not return** ([`flaws::Flaw::ForgetReturnsLease`]): the node
//!   may have spent its lease, or may be alive and spend it yet. What it ships later is paid out
//!   of the hold; its own restart gives back what it did not spend.
//! - **A free amount goes back to the database only when the records that made it free are on the
//!   disk** ([`flaws::Flaw::GiveBackBeforeSync`]); else a power loss brings the reservation back
//!   and the lease has nothing to hold for it.
//! - **Whatever is released from a hold is booked as absorbed**, also the rest of a doubt that is
//!   settled for less. After a power loss the hold of a call can stand for another one: a call that
//!   spent what the first had given back, and that left no record.
//!
//! # The exposure refinement
//!
//! Holding the whole remainder is hard on a single node that has leased everything. With
//! [`setup::Cover::Exposure`] only a declared amount is held for the lost tail. It is sound, on one
//! node and on several, in both modes, with these rules:
//!
//! 1. A record that lets the upstream spend (an intent, an enlargement) lets it only if the record
//!    is on the disk, or if for **each** limit of the call the sum of such records that are used
//!    and not on the disk, with this one, is at most the limit's exposure.
//! 2. A record counts until it is **on the disk**, not until its call is settled.
//! 3. The exposure is what this epoch's journal declares **on the disk**; a smaller declaration
//!    holds from the moment it is written. Without a declaration it is 0 and every call waits.
//! 4. After a power loss, min(remainder, the last declaration that survived) is held, where the
//!    remainder is what is left of the lease after replay and after the doubts. A lease is on one
//!    window of a limit, so a new day needs a new declaration.
//!
//! # What is taken for granted
//!
//! A committed transaction stays committed, also on a machine that loses its power (so SQLite runs
//! with `synchronous = FULL`). A journal loses a suffix and nothing else; a damaged record ends it.
//! A failed `fdatasync` counts as a power loss. Prices, windows and time are not modelled.

pub mod setup;
pub mod state;
pub mod table;

pub mod actions;
pub mod exposure;
pub mod step;

pub mod flaws;
pub mod goals;
pub mod properties;

pub mod canonical;
pub mod design;
pub mod worlds;
