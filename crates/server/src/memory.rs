//! Memory that was freed goes back to the operating system while nothing happens.
//!
//! The allocator keeps what was freed for a while, and then gives it back when it is next asked for a
//! large block. A process that has nothing to do asks for none: what its start took, or a thousand
//! streams that have ended, would stay with it.

use std::hint::black_box;
use std::time::Duration;

/// Longer than the allocator keeps what was freed.
const EVERY: Duration = Duration::from_secs(2);
/// Large for the allocator; never written to, so that it takes no memory.
const LARGE: usize = 8 * 1024 * 1024;

/// Asks for a large block from time to time.
pub(crate) async fn give_back_for_ever() {
    loop {
        tokio::time::sleep(EVERY).await;
        drop(black_box(Vec::<u8>::with_capacity(LARGE)));
    }
}
