//! Redemption codes: an amount that whoever has the code adds to their balance, once.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
