//! API keys, the credentials `sk-…`.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod get;
mod limits;
pub(crate) mod list;
mod owner_groups;
pub(crate) mod switch;
mod terms;
pub(crate) mod view;
