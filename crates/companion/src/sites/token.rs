//! Tokens, balances and check-ins as every kind of site has them.

use domain::money::Nanos;
use domain::secret::Secret;
use domain::time::UnixMillis;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A token without its value: what lists and caches hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its id at the site.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// Its value with all but the ends left out; `None` where the site shows nothing of it.
    pub masked: Option<String>,
    /// Whether it can be used.
    pub status: TokenStatus,
    /// No cap of its own; still bounded by the account's balance.
    pub unlimited: bool,
    /// What is left of its own cap, in USD.
    #[serde(rename = "balance_usd")]
    pub remaining: Option<Nanos>,
    /// What it used, in USD.
    #[serde(rename = "used_usd")]
    pub used: Option<Nanos>,
    /// How fast it may be used, where the site limits that.
    pub rate_limit: Option<String>,
    /// The models that it may call; `None`: all.
    pub models: Option<Vec<String>>,
    /// When it ends; `None`: never.
    #[serde(with = "moment")]
    pub expires_at: Option<UnixMillis>,
    /// When it was last used, where the site says so.
    #[serde(with = "moment")]
    pub last_used_at: Option<UnixMillis>,
    /// The group that it routes through.
    pub group: Option<String>,
}

/// Whether a token can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenStatus {
    /// It can.
    Active,
    /// It can, and has not been yet.
    NotUsed,
    /// Its owner switched it off.
    Disabled,
    /// Its time is over.
    Expired,
    /// Its quota is used up.
    Exhausted,
    /// It is gone for good.
    Revoked,
    /// The site says something that is not known here.
    Unknown,
}

impl TokenStatus {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NotUsed => "not_used",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Exhausted => "exhausted",
            Self::Revoked => "revoked",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for TokenStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The tokens of an account at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenList {
    /// In the site's order.
    pub tokens: Vec<Token>,
    /// Whether the site gave out all that it says there are.
    pub complete: bool,
}

/// What is left on an account, in USD. A site may not say everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Balance {
    /// What is left.
    #[serde(rename = "balance_usd")]
    pub remaining: Option<Nanos>,
    /// What was used.
    #[serde(rename = "used_usd")]
    pub used: Option<Nanos>,
    /// Whether there is no bound.
    pub unlimited: bool,
}

/// A token that was just made.
pub struct Made {
    /// As lists show it.
    pub token: Token,
    /// Its value, where the site shows it.
    pub value: Option<Secret>,
}

/// How a check-in went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    /// What happened.
    pub outcome: CheckInOutcome,
    /// What it brought, in USD, where that is known.
    #[serde(rename = "awarded_usd")]
    pub awarded: Option<Nanos>,
    /// The site's words.
    pub message: String,
}

/// What a check-in did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckInOutcome {
    /// Checked in now.
    CheckedIn,
    /// It had been done today.
    AlreadyDone,
    /// The site checks in whoever looks at their account, which was done.
    ByLooking,
}

impl CheckInOutcome {
    /// The words for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CheckedIn => "checked in",
            Self::AlreadyDone => "already done today",
            Self::ByLooking => "checked in by looking",
        }
    }
}

/// Times as RFC 3339 texts.
pub(crate) mod moment {
    use domain::time::UnixMillis;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        time: &Option<UnixMillis>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.map(|time| time.to_string()).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<UnixMillis>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        let read =
            |text: String| UnixMillis::parse_rfc3339(&text).map_err(serde::de::Error::custom);
        text.map(read).transpose()
    }
}
