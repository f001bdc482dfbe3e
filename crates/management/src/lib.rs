//! The management API: users, keys, channels, prices, usage and calls over HTTP, with its OpenAPI
//! description and an offline reference page.
//!
//! Start at `router.rs`, a flat list of every endpoint. One endpoint is one file: the types that
//! come in, the types that go out, the handler. `access.rs` says who may ask, `request.rs` how
//! input is read and refused, `problem.rs` is the one place where a failure becomes an answer.

mod router;
mod state;

mod access;
mod answer;
mod audit;
mod endpoint;
mod idempotency;
mod problem;
mod proof;
mod publish;
mod request;
mod schema;
mod wrong;

mod alert_destinations;
mod alert_rules;
mod alerts;
mod calls;
mod channels;
mod csv;
mod document;
mod doubts;
mod findings;
mod groups;
mod holder;
mod import;
mod keys;
mod leaks;
mod management_keys;
mod me;
mod prices;
mod redemption_codes;
mod reference;
mod relay_document;
mod sessions;
mod setup;
mod system;
mod tiers;
mod usage;
mod users;

#[cfg(test)]
mod tests;

pub use router::router;
pub use state::{DeploymentInfo, ManagementState, Reveal};
pub use system::backup::{Backups, Making};
