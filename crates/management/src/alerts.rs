//! Alerts: what their owners should know.

pub(crate) mod acknowledge;
pub(crate) mod list;
mod view;
