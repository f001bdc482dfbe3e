//! What is worth an alert: its kinds, how grave each is, and what a rule watches.

use serde::{Deserialize, Serialize};

use crate::id::{KeyId, UserId};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A key's own soft limit is reached.
    SoftLimit,
    /// A share of a key's quota, daily or monthly limit is used.
    UsageThreshold,
    /// A user's balance is below an amount.
    BalanceLow,
    /// A key expires soon.
    KeyExpiring,
    /// A key spends or asks unlike its past.
    Anomaly,
    /// No secret of a channel works.
    ChannelDown,
    /// A provider's usage figures were missing or absurd.
    CallSuspect,
}

impl AlertKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::SoftLimit,
        Self::UsageThreshold,
        Self::BalanceLow,
        Self::KeyExpiring,
        Self::Anomaly,
        Self::ChannelDown,
        Self::CallSuspect,
    ];

    /// The name in the API and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SoftLimit => "soft_limit",
            Self::UsageThreshold => "usage_threshold",
            Self::BalanceLow => "balance_low",
            Self::KeyExpiring => "key_expiring",
            Self::Anomaly => "anomaly",
            Self::ChannelDown => "channel_down",
            Self::CallSuspect => "call_suspect",
        }
    }

    /// The kind behind a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it is about the deployment, and so for its operators alone.
    #[must_use]
    pub const fn is_operators(self) -> bool {
        matches!(self, Self::ChannelDown | Self::CallSuspect)
    }

    /// What a rule's threshold counts; none: the kind has no threshold.
    #[must_use]
    pub const fn threshold(self) -> Option<ThresholdUnit> {
        match self {
            Self::UsageThreshold => Some(ThresholdUnit::Percent),
            Self::BalanceLow => Some(ThresholdUnit::Usd),
            Self::KeyExpiring => Some(ThresholdUnit::Days),
            Self::Anomaly => Some(ThresholdUnit::Times),
            Self::SoftLimit | Self::ChannelDown | Self::CallSuspect => None,
        }
    }

    /// The thresholds that hold where no rule speaks of a thing, in the unit's own numbers.
    #[must_use]
    pub const fn defaults(self) -> &'static [i64] {
        match self {
            Self::UsageThreshold => &[80, 100],
            Self::BalanceLow => &[1_000_000_000],
            Self::KeyExpiring => &[7],
            Self::Anomaly => &[5],
            Self::SoftLimit | Self::ChannelDown | Self::CallSuspect => &[0],
        }
    }
}

/// What a threshold counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThresholdUnit {
    /// Hundredths of a limit, 1 to 100.
    Percent,
    /// Nano-USD.
    Usd,
    /// Days, 1 to 365.
    Days,
    /// Times the past, 2 to 1000.
    Times,
}

/// How grave it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something will soon stop working, or looks wrong.
    Warning,
    /// Something does not work.
    Critical,
}

impl Severity {
    /// The name in the API and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// The severity behind a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Info, Self::Warning, Self::Critical].into_iter().find(|known| known.name() == name)
    }
}

/// What a rule watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertScope {
    /// Everything that its owner reaches.
    All,
    /// One key.
    Key(KeyId),
    /// One user, and their keys.
    User(UserId),
    /// Keys with a label.
    Tag(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive() {
        for kind in AlertKind::ALL {
            assert_eq!(AlertKind::from_name(kind.name()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.name()));
            assert!(!kind.defaults().is_empty());
        }
        assert_eq!(Severity::from_name("critical"), Some(Severity::Critical));
        assert_eq!(AlertKind::from_name("nothing"), None);
    }
}
