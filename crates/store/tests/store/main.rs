//! Every noun of the store, on SQLite and on PostgreSQL.
#![cfg(test)]

mod fixture;

mod alert;
mod api_key;
mod api_key_list;
mod audit_log;
mod call;
mod channel;
mod copy;
mod group;
mod idempotency;
mod key_audit;
mod key_life;
mod keys_of_a_month;
mod leak;
mod ledger_entry;
mod management_key;
mod new_api;
mod people;
mod price;
mod refund;
mod session;
mod ship;
mod usage;
mod user;
mod user_link;
