//! Channels: upstream accounts at providers. Their secrets come in and never go out.

pub(crate) mod address;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod edit;
mod fields;
pub(crate) mod get;
mod health;
pub(crate) mod list;
pub(crate) mod models;
mod preset;
pub(crate) mod presets;
mod provider;
mod proxy;
pub(crate) mod secrets;
mod settings;
pub(crate) mod test;
pub(crate) mod view;

#[cfg(test)]
pub(crate) use fields::ChannelFields;
