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

/// The flaw that this process was started with, if any.
#[must_use]
#[cfg(feature = "flaws")]
pub fn is(flaw: Flaw) -> bool {
    static NAME: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let name = NAME.get_or_init(|| std::env::var("TOLLKEEPER_FLAW").unwrap_or_default());
    *name == format!("{flaw:?}")
}

/// A release has no flaw of this kind.
#[must_use]
#[inline]
#[cfg(not(feature = "flaws"))]
pub const fn is(_flaw: Flaw) -> bool {
    false
}
