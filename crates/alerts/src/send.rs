//! Ways to a destination, and what a try comes to.

pub mod email;
pub mod webhook;

mod letter;
mod smtp;

/// What one try came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// What the receiver answered with.
    pub status: Option<u16>,
    /// Why it failed; none: it arrived.
    pub error: Option<String>,
    /// The receiver wants no more messages.
    pub gone: bool,
}

impl Tried {
    pub(crate) const fn arrived(status: u16) -> Self {
        Self { status: Some(status), error: None, gone: false }
    }

    pub(crate) fn failed(status: Option<u16>, error: impl ToString) -> Self {
        Self { status, error: Some(error.to_string()), gone: false }
    }

    /// Whether the message arrived.
    #[must_use]
    pub const fn is_delivered(&self) -> bool {
        self.error.is_none()
    }
}
