//! The deployment itself: its nodes, and whether its books are right.

pub(crate) mod nodes;
pub(crate) mod verify;
