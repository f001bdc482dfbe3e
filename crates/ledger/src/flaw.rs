//! Deliberately broken variants of the ledger, which prove that the tests can fail.
//!
//! Only a build with the feature `flaws` has them; the test suite makes such a build, runs the
//! same tests against it, and asserts that each flaw is caught.

/// A way in which the books can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Calls are admitted without setting their bound aside.
    AdmitWithoutReserving,
    /// The last bytes of an answer are sent before the charge is journaled.
    TerminalBeforeJournal,
    /// A charge is booked again although its call is in the books.
    ReplayWithoutIdCheck,
    /// What was in doubt at a crash is forgotten at the restart.
    DoubtForgotten,
    /// A partial answer is billed as nothing.
    PartialIsFree,
    /// The upstream's last usage is replaced by the first one it sent.
    FirstUsageWins,
}

#[cfg(feature = "flaws")]
static CHOSEN: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// Breaks this process in the way of this name; no name: not at all.
#[cfg(feature = "flaws")]
pub fn choose(name: String) {
    let _ = CHOSEN.set(name);
}

/// Whether this process is broken in this way.
#[must_use]
#[cfg(feature = "flaws")]
pub fn is(flaw: Flaw) -> bool {
    CHOSEN.get().is_some_and(|name| *name == format!("{flaw:?}"))
}

/// A release has no flaw of this kind.
#[must_use]
#[inline]
#[cfg(not(feature = "flaws"))]
pub const fn is(_flaw: Flaw) -> bool {
    false
}
