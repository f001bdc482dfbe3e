//! The ledger against a real database: stops of every kind, and what is left of them.

mod books;

mod doubt;
mod recovery;
mod settlement;
