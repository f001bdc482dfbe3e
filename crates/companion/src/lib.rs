//! The companion: a person's accounts and tokens at relay sites, and the tools that use them.
//!
//! Sites: [`accounts`] is where to start. An account is a sign-in at a [`sites::Site`], its secret
//! lies in the [`vault`], and [`accounts::credential`] turns a token of it and a [`nodes`] entry into
//! what a tool needs. Only [`web`] opens a connection. A site supplies a base URL and a key, nothing
//! else.
//!
//! Tools: [`companion::Companion`] plans, shows, applies, verifies and undoes. It reads no environment
//! ([`surroundings`] hands it in), knows no socket ([`verify::Probe`] does) and no site
//! ([`accounts::credential`] does).

pub mod accounts;
pub mod apply;
pub mod base_url;
pub mod cache;
pub mod companion;
pub mod credential;
pub mod diff;
pub mod edit;
pub mod history;
pub mod home;
pub mod link;
pub mod nodes;
pub mod paths;
pub mod plan;
pub mod private_file;
pub mod site_url;
pub mod sites;
pub mod snapshot;
pub mod state;
pub mod surroundings;
pub mod tools;
pub mod undo;
pub mod vault;
pub mod verify;
pub mod web;
pub mod write;
