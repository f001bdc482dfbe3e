//! The pages, a file each.

pub(crate) mod account;
pub(crate) mod accounts;
pub(crate) mod backups;
pub(crate) mod clear;
pub(crate) mod nodes;
pub(crate) mod preferences;
pub(crate) mod tool;
pub(crate) mod tools;
