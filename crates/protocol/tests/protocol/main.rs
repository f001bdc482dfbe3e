//! The protocol crate from outside: properties, golden streams, and every cut of them.

#[cfg(test)]
mod chat;
#[cfg(test)]
mod edit;
#[cfg(test)]
mod gemini;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod json;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod peek;
#[cfg(test)]
mod repeats;
#[cfg(test)]
mod responses;
#[cfg(test)]
mod sse;
#[cfg(test)]
mod usage;
