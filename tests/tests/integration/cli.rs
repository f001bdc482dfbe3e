//! The verbs of the command line.

mod config;
mod doubt;
mod init;
mod serve;
mod verify;
