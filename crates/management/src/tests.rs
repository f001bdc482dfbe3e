//! The API through its router, on a database, a ledger and a gateway of its own.

mod fixture;
mod generated;

mod access;
mod bad_input;
mod books;
mod catalog;
mod channels;
mod description;
mod findings;
mod first_use;
mod keys;
mod leaks;
mod matrix;
mod numbers;
mod people;
mod price_import;
mod random_input;
mod two_edits;
mod users;
