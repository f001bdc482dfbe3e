//! `/console/channel`: the channels, which are the upstreams that calls go to.

pub(crate) mod list;
pub(crate) mod show;

pub(crate) mod create;
pub(crate) mod edit;
pub(crate) mod end;
pub(crate) mod switch;
pub(crate) mod test;

pub(crate) mod entry;

mod terms;
