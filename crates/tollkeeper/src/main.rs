//! The one binary. All that it does is in `cli`: a package with a profile of its own, which this one
//! must not have, or Cargo no longer strips the program.

use std::process::ExitCode;

/// A call's records are made on a worker's thread and freed on the shipping one, which the system's
/// allocator answers with locks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
