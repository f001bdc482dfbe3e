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
    /// Every tier, the smallest first.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Professional, Self::Enterprise];
}
