//! The data plane: one call at a time, from the socket to the settlement.
//!
//! Read `pipeline.rs` first: it names the stages in order. Each stage is a file, and takes the type
//! that the stage before it returns.

pub mod pipeline;
mod prepare;

pub mod admit;
pub mod authenticate;
pub mod bodies;
mod count;
pub mod decode;
pub mod endpoint;
pub mod forward;
pub mod meter;
pub mod models;
pub mod receive;
pub mod relay;
pub mod route;
pub mod settle;

pub mod catalog;
pub mod directory;
pub mod egress;
pub mod error;
pub mod health;
pub mod idempotency;
mod loading;
pub mod metrics;
pub mod previous;
pub mod probe;
mod quota;
pub mod rates;
pub mod seal;
pub mod stored;
pub mod told;
pub mod upstream;
mod watch;

mod gateway;

pub use gateway::{Gateway, GatewayOptions, Worker};
