//! The companion: a person's accounts and tokens at relay sites, and the tools that use them.
//!
//! [`accounts`] is where to start: an account is a sign-in at a [`sites::Site`], its secret lies in
//! the [`vault`], and [`accounts::credential`] turns a token of it and a [`nodes`] entry into what a
//! tool needs. Only [`web`] opens a connection. A site supplies a base URL and a key, nothing else.

pub mod accounts;
pub mod base_url;
pub mod cache;
pub mod credential;
pub mod history;
pub mod home;
pub mod link;
pub mod nodes;
pub mod private_file;
pub mod site_url;
pub mod sites;
pub mod vault;
pub mod web;
