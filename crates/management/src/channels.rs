//! Channels: upstream accounts at providers. Their secrets come in and never go out.

mod address;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod edit;
mod fields;
pub(crate) mod get;
pub(crate) mod list;
mod models;
mod secrets;
mod settings;
mod view;

#[cfg(test)]
pub(crate) use fields::ChannelFields;
