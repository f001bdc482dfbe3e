//! The ledger against a real database: stops of every kind, and what is left of them.
#![cfg(test)]

mod books;

mod doubt;
mod recovery;
mod settlement;
