//! A user as the API shows them, with what the pages work out from it.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;

use crate::format::moment;
use crate::language::{Message, Words};
use crate::links::operator as links;
use crate::ui;

/// A user.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) role: String,
    pub(crate) tier: String,
    pub(crate) key_allowance: Option<i64>,
    pub(crate) groups: Vec<String>,
    pub(crate) credit: String,
    pub(crate) balance: Nanos,
    pub(crate) available: Option<Nanos>,
    pub(crate) credited: Nanos,
    pub(crate) spent: Nanos,
    pub(crate) held: Nanos,
    pub(crate) reserved: Nanos,
    pub(crate) disabled: bool,
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(crate) frozen_at: Option<UnixMillis>,
    pub(crate) has_password: bool,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) created_at: UnixMillis,
    pub(crate) etag: String,
}

/// A line of a user's account.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Line {
    pub(crate) amount: Nanos,
    pub(crate) kind: String,
    pub(crate) reference: String,
    #[serde(default)]
    pub(crate) reference_name: Option<String>,
    pub(crate) note: String,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) created_at: UnixMillis,
}

impl User {
    /// The user in the API.
    pub(super) fn path(id: &str) -> String {
        format!("/api/v1/users/{}", crate::api::segment(id))
    }

    /// Their page, or a page or action of them.
    pub(crate) fn link(&self, part: &str) -> String {
        links::part(links::USERS, &self.id, part)
    }

    /// Their ledger as a table to download.
    pub(crate) fn csv_link(&self) -> String {
        format!("{}/ledger.csv", Self::path(&self.id))
    }

    /// The badge of their status.
    pub(crate) fn status(&self, words: Words) -> ui::Html {
        let (tone, message) = match self {
            Self { disabled: true, .. } => ("bad", Message("user-status-blocked")),
            Self { frozen_at: Some(_), .. } => ("warn", Message("user-status-frozen")),
            Self { has_password: false, .. } => ("new", Message("user-status-invited")),
            _ => ("good", Message("status-active")),
        };
        ui::badge(tone, words.say(message))
    }

    /// What their role is called.
    pub(crate) fn role_name(&self) -> Message {
        role(&self.role)
    }

    /// What their tier is called.
    pub(crate) fn tier_name(&self) -> Message {
        tier(&self.tier)
    }

    /// Whether their calls are bounded by their balance.
    pub(crate) fn has_balance(&self) -> bool {
        self.credit == "balance"
    }

    /// Whether they spent more than they had.
    pub(crate) fn owes(&self) -> bool {
        self.has_balance() && self.balance.get() <= 0
    }
}

impl Line {
    /// What a kind of line is called.
    pub(crate) fn name(&self) -> Message {
        match self.kind.as_str() {
            "topup" => Message("user-line-topup"),
            "usage" => Message("user-line-usage"),
            "refund" => Message("user-line-refund"),
            "redemption" | "redeem" => Message("user-line-redemption"),
            _ => Message("user-line-other"),
        }
    }

    /// Whether money came in.
    pub(crate) fn comes_in(&self) -> bool {
        self.amount.get() > 0
    }
}

/// What a role is called.
pub(crate) fn role(name: &str) -> Message {
    match name {
        "owner" => Message("user-role-owner"),
        "admin" => Message("user-role-admin"),
        _ => Message("user-role-member"),
    }
}

/// What a tier is called.
pub(crate) fn tier(name: &str) -> Message {
    match name {
        "professional" => Message("user-tier-professional"),
        "enterprise" => Message("user-tier-enterprise"),
        _ => Message("user-tier-standard"),
    }
}
