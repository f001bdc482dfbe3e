//! The pages. One page or action is one file; its template has the same name.

pub(crate) mod overview;

pub(crate) mod link;
pub(crate) mod log_in;
pub(crate) mod log_out;
pub(crate) mod preferences;

pub(crate) mod token;

#[cfg(debug_assertions)]
pub(crate) mod gallery;
