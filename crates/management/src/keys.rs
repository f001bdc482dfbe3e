//! API keys, the credentials `sk-…`.

pub(crate) mod actions;
pub(crate) mod bulk;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod end_grace;
pub(crate) mod export;
mod figures;
pub(crate) mod get;
mod limits;
pub(crate) mod list;
pub(crate) mod making;
mod name;
mod owner_groups;
pub(crate) mod refund;
pub(crate) mod reveal;
pub(crate) mod rotate;
mod rotation;
pub(crate) mod switch;
pub(crate) mod templates;
mod terms;
pub(crate) mod view;
