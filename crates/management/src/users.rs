//! Users: people and services that own keys and a balance.

pub(crate) mod create;
pub(crate) mod edit;
pub(crate) mod fields;
pub(crate) mod freeze;
pub(crate) mod get;
pub(crate) mod ledger;
pub(crate) mod ledger_csv;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod password;
pub(crate) mod reset;
pub(crate) mod top_up;
pub(crate) mod view;
