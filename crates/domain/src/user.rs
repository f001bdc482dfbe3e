//! People and services that own keys: roles, tiers and credit.

use serde::{Deserialize, Serialize};

/// What a user may do in the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Owner,
    /// Everything but changing owners.
    Admin,
    /// Only what is their own.
    Member,
}

/// A user's class, which decides how many keys they can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// 10 keys.
    Standard,
    /// 50 keys.
    Professional,
    /// No limit.
    Enterprise,
}

/// Whether a user's calls are bounded by a balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Credit {
    /// Calls are bounded by what was topped up.
    Balance,
    /// Calls are only counted.
    Unlimited,
}

macro_rules! names {
    ($type:ident { $($variant:ident = $text:literal),* }) => {
        impl $type {
            /// The name in the API and in the books.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The value behind a name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

names!(Role { Owner = "owner", Admin = "admin", Member = "member" });
names!(Tier { Standard = "standard", Professional = "professional", Enterprise = "enterprise" });
names!(Credit { Balance = "balance", Unlimited = "unlimited" });

impl Tier {
    /// How many keys a user of this tier can have where nothing else is set; none: no limit.
    #[must_use]
    pub fn key_allowance(self) -> Option<i64> {
        TierLimits::default().keys(self)
    }
}

/// How many keys a user can have that are neither revoked nor deleted, by tier; none: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierLimits {
    /// Of the standard tier.
    pub standard: Option<i64>,
    /// Of the professional tier.
    pub professional: Option<i64>,
    /// Of the enterprise tier.
    pub enterprise: Option<i64>,
}

impl Default for TierLimits {
    fn default() -> Self {
        Self { standard: Some(10), professional: Some(50), enterprise: None }
    }
}

impl TierLimits {
    /// How many keys a user of a tier can have; none: no limit.
    #[must_use]
    pub const fn keys(&self, tier: Tier) -> Option<i64> {
        match tier {
            Tier::Standard => self.standard,
            Tier::Professional => self.professional,
            Tier::Enterprise => self.enterprise,
        }
    }
}
