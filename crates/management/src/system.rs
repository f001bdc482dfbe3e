//! The deployment itself: its nodes, its backups, and whether its books are right.

pub(crate) mod backup;
pub(crate) mod nodes;
pub(crate) mod verify;
