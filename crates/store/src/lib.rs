//! The database: the only crate with SQL, and the only one that names a database driver.
//!
//! One file per noun. Every statement is one visible text that SQLite and PostgreSQL both take
//! (see `dialect.rs` for the exceptions), and every test runs on both.

mod dialect;
mod error;
mod migrate;
mod native;
mod reach;
mod value;

pub mod database;

pub mod deployment;
pub mod node;

pub mod alert;
pub mod alert_delivery;
pub mod alert_destination;
pub mod alert_facts;
pub mod alert_rule;
pub mod api_key;
pub mod attempt;
pub mod audit_log;
pub mod channel;
pub mod group;
pub mod key_template;
pub mod management_key;
pub mod new_api;
pub mod price;
pub mod redemption_code;
pub mod session;
pub mod stored_object;
pub mod tier;
pub mod user;
pub mod user_link;
pub mod user_profile;

pub mod activity;
pub mod audit_books;
pub mod batch;
pub mod call;
pub mod copy;
pub mod counter;
pub mod doubt;
pub mod key_audit;
pub mod leak;
pub mod ledger_entry;
pub mod names;
pub mod refund;
pub mod usage;

pub mod idempotency;

pub use database::{Database, Snapshot, Transaction};
pub use error::{AmountRefusal, StoreError};
