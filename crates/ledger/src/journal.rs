//! The journal: an append-only file on the node's own disk that a charge reaches before the last
//! bytes of its answer reach the client.
//!
//! `exposure.rs` what a power loss may take · `record.rs` what is written · `segment.rs` one
//! preallocated file · `append.rs` appending · `backlog.rs` what waits for the database · `writer.rs` what may be journaled when · `keeper.rs` the thread that syncs and preallocates · `reader.rs` reading back after a crash · `scan.rs` reading while it is written.

mod append;
mod backlog;
mod exposure;
mod keeper;
mod reader;
mod record;
mod scan;
mod segment;
mod writer;

pub(crate) use backlog::Ends;
pub(crate) use exposure::Exposure;
pub use reader::{History, OpenIntent, ReadError, read};
pub(crate) use record::Line;
pub use record::{Checkpoint, Declaration, Intent, Record};
pub(crate) use scan::Scan;
pub use segment::Header;
pub use writer::{Durability, Journal, JournalError, Position};
pub(crate) use writer::{Ending, Shared};
