//! What was used: by a key, a user or everybody.

pub(crate) mod billing;
pub(crate) mod csv;
pub(crate) mod get;
pub(crate) mod limits;
mod reader;
mod view;

pub(crate) use reader::Holder;
