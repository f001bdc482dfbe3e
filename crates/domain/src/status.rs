//! A key's status: never stored, always derived, so that it is true at each moment.

use serde::{Deserialize, Serialize};

/// What a key is at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// Works, and has been used.
    Active,
    /// Works, and has never been used.
    NotUsed,
    /// Switched off by its owner; can be switched on again.
    Disabled,
    /// Past its expiry; extending it revives it.
    Expired,
    /// Its quota is used up; raising the quota revives it.
    Exhausted,
    /// Ended for ever.
    Revoked,
}

impl KeyStatus {
    /// The name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NotUsed => "not_used",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Exhausted => "exhausted",
            Self::Revoked => "revoked",
        }
    }
}

/// The facts that decide a status.
#[derive(Debug, Clone, Copy)]
pub struct StatusFacts {
    /// Ended for ever.
    pub revoked: bool,
    /// Switched off.
    pub disabled: bool,
    /// Past its expiry.
    pub expired: bool,
    /// Nothing is left of its quota.
    pub exhausted: bool,
    /// Has been used.
    pub used: bool,
}

impl StatusFacts {
    /// The one status that these facts make; the most final one wins.
    #[must_use]
    pub const fn status(self) -> KeyStatus {
        match self {
            Self { revoked: true, .. } => KeyStatus::Revoked,
            Self { disabled: true, .. } => KeyStatus::Disabled,
            Self { expired: true, .. } => KeyStatus::Expired,
            Self { exhausted: true, .. } => KeyStatus::Exhausted,
            Self { used: true, .. } => KeyStatus::Active,
            _ => KeyStatus::NotUsed,
        }
    }
}
