//! The books against the world: whatever is killed, cut, raced or damaged, they come out exact, or
//! the tests say what differs.
//!
//! The gateway is the real binary as a child process, the provider another one with books of its
//! own. Every check is a function that returns a list of differences: for the sound binary it must
//! be empty, for a deliberately broken one (`flaws.rs`) it must not.
//!
//! `kill_loop.rs` kills and restarts · `reconcile.rs` holds client, ledger and upstream against
//! each other · `burst.rs` a thousand calls on a budget for ten · `doubts.rs` what is in doubt
//! stays held · `live_edits.rs` top-ups and edits under load · `damage.rs` what `verify` must find
//! · `running_usage.rs` an upstream that counts as it goes.

mod api;
mod burst;
mod chance;
mod damage;
mod doubts;
mod flaws;
mod house;
mod kill_loop;
mod live_edits;
mod money;
mod postgres;
mod reconcile;
mod rounds;
mod running_usage;
mod traffic;
mod upstream;
