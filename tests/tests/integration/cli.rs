//! The verbs of the command line.

mod backup;
mod channels;
mod completions;
mod config;
mod database;
mod doubt;
mod help;
mod init;
mod prices;
mod scan;
mod serve;
mod users;
mod verify;
