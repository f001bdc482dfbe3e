//! The management API.

pub(crate) mod v1;
