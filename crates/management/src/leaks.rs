//! Leaked keys: found by their value or named by their id, ended at once, and what was done with
//! them.

pub(crate) mod compromised;
pub(crate) mod leaked;
pub(crate) mod read;
mod report;
mod response;
