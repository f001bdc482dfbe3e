//! The pages. One page or action is one file; its template has the same name.

pub(crate) mod overview;

pub(crate) mod link;
pub(crate) mod log_in;
pub(crate) mod log_out;
pub(crate) mod preferences;

pub(crate) mod audit;
pub(crate) mod token;

pub(crate) mod alerts;
pub(crate) mod channel;
pub(crate) mod code;
pub(crate) mod group;
pub(crate) mod log;
pub(crate) mod models;
pub(crate) mod playground;
pub(crate) mod price;
pub(crate) mod refusal;
pub(crate) mod settings;
pub(crate) mod system;
pub(crate) mod user;
pub(crate) mod wallet;

#[cfg(debug_assertions)]
pub(crate) mod gallery;
