//! The pure types and rules of Tollkeeper: what a key, an amount, a price, a limit and a refusal
//! *are*, with no input or output, no async and no clock.
//!
//! Everything here is a function of its arguments. Time, randomness and storage are handed in by
//! the crates above, which makes each rule testable on its own.

pub mod id;
pub mod time;
pub mod window;

pub mod alert;
pub mod bill;
pub mod money;
pub mod price;
pub mod usage;

pub mod audit;
pub mod base32;
pub mod change;
pub mod key;
pub mod network;
pub mod pattern;
pub mod permission;
pub mod policy;
pub mod reason;
pub mod secret;
pub mod status;
pub mod totp;

pub mod dialect;
pub mod refusal;
pub mod routing;
pub mod scope;
pub mod user;
