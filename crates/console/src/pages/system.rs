//! `/console/system`: calls in doubt and the audit log's chain.

pub(crate) mod show;

pub(crate) mod doubt;
pub(crate) mod import;
