//! The verbs of the command line.

mod config;
mod doubt;
mod init;
mod scan;
mod serve;
mod users;
mod verify;
