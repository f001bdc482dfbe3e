//! `/console/system`: calls in doubt, the books, backups and nodes.

pub(crate) mod show;

pub(crate) mod backup;
pub(crate) mod doubt;
pub(crate) mod import;

mod import_why;
