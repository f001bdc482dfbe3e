//! What a server frees goes back to the operating system at once.
//!
//! The allocator would wait, and then look only while it is asked for more: what a start or a
//! thousand streams took would stay with an idle process. It reads its settings from the environment
//! before any code of ours runs, and to call into it would be `unsafe`; so a server starts itself
//! once more with the setting: the same process, the same arguments.

/// How long the allocator keeps what was freed, in milliseconds.
const DELAY: &str = "MIMALLOC_PURGE_DELAY";

/// Starts the program anew unless the delay is chosen already. Where that can't be done it goes on
/// as it is, with more memory.
#[cfg(unix)]
pub(crate) fn give_back_at_once() {
    use std::os::unix::process::CommandExt;
    if std::env::var_os(DELAY).is_some() {
        return;
    }
    let mut arguments = std::env::args_os();
    if let (Ok(program), Some(name)) = (std::env::current_exe(), arguments.next()) {
        let mut again = std::process::Command::new(program);
        let _not_started = again.arg0(name).args(arguments).env(DELAY, "0").exec();
    }
}

/// Elsewhere a process cannot become another.
#[cfg(not(unix))]
pub(crate) const fn give_back_at_once() {}
