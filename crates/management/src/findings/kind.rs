//! What can be found, and how grave it is.

use serde::{Serialize, Serializer};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What an audit objects to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// The names, as an error message lists them.
            pub(super) const NAMES: &'static [&'static str] = &[$($text,)*];

            /// The name in the API.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The kind behind a name.
            pub(super) fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

kinds! {
    /// Not used for the whole period, or never.
    Unused = "unused";
    /// Never ends by itself.
    NoExpiry = "no_expiry";
    /// Works from every address.
    NoAllowlist = "no_ip_allowlist";
    /// Nothing limits what it spends.
    NoLimit = "no_limit";
    /// The value is older than it should be.
    RotationOverdue = "rotation_overdue";
    /// Used from many addresses.
    ManyAddresses = "many_ips";
    /// Spends unlike its past.
    UnusualSpend = "unusual_spend";
    /// May do much more than it does.
    BroadPermissions = "broad_permissions";
}

/// How grave it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Good housekeeping.
    Low,
    /// Should be put right.
    Medium,
    /// Look at it now.
    High,
}

impl Severity {
    /// The name in the API.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The severity behind a name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High].into_iter().find(|level| level.name() == name)
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Serialize for Severity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
