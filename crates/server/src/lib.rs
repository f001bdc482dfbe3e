//! Assembly only: settings → state → listeners → tasks → shutdown.
//!
//! The only crate beside the command line that reads the environment.

pub mod backup;
pub mod config;
pub mod deployment;
pub mod logging;
pub mod master_key;
pub mod people;

mod compress;
mod connection;
mod listen;
mod patience;
mod respond;
mod serve;
mod tls;

pub use serve::{ServeError, Served, serve};
pub use tls::{TlsError, TlsFiles, upstream_roots};
