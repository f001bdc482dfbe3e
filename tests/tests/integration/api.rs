//! The management API.

mod v1;
