//! `/console/token`: the tokens, which the API calls keys.

pub(crate) mod list;
pub(crate) mod show;

pub(crate) mod bulk;
pub(crate) mod create;
pub(crate) mod edit;
pub(crate) mod end;
pub(crate) mod leaked;
pub(crate) mod refund;
pub(crate) mod reveal;
pub(crate) mod rotate;
pub(crate) mod several;
pub(crate) mod switch;
pub(crate) mod templates;

pub(crate) mod call;
pub(crate) mod key;
pub(crate) mod leak;
pub(crate) mod usage;

mod snippets;
mod table;
mod terms;
mod wanted;
