//! What the tests, the benchmark and the demo stand on: a model provider that keeps its own
//! books, a small HTTP client, and the real gateway as a child process.
//!
//! Start with [`world::World`]: it puts the three together. [`provider::SimulatedProvider`] alone
//! is what `tollkeeper demo` serves its answers from.

pub mod client;
pub mod gateway_process;
pub mod provider;
pub mod site;
pub mod world;
