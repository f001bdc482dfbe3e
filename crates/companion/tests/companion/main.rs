//! The companion from outside, on real directories: no file is ever broken, and everything comes
//! back.
#![cfg(test)]

mod corpus;
mod editing;
mod killed;
mod machine;
mod round_trip;
mod world;
