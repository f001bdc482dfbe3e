//! Destinations of alerts: webhooks and e-mail addresses.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod deliveries;
pub(crate) mod edit;
mod fields;
pub(crate) mod list;
pub(crate) mod test;
pub(crate) mod view;
