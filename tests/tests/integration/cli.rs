//! The verbs of the command line.

mod account;
mod backup;
mod channels;
mod check_in;
mod completions;
mod config;
mod database;
mod doubt;
mod help;
mod init;
mod node;
mod planted_secrets;
mod prices;
mod scan;
mod serve;
mod site_troubles;
mod tokens;
mod users;
mod verify;
