//! The visitor's own account, as `GET /api/v1/me` has it.

use domain::money::Nanos;
use serde::Deserialize;

/// Who is logged in.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Me {
    /// `usr_…`
    pub(crate) id: String,
    /// What people call them.
    pub(crate) name: String,
    /// Where they log in with.
    #[serde(default)]
    pub(crate) email: Option<String>,
    /// `owner`, `admin` or `member`.
    pub(crate) role: String,
    /// `balance` or `unlimited`.
    pub(crate) credit: String,
    /// What was topped up less what was spent.
    pub(crate) balance: Nanos,
    /// How many keys their tier allows; none: no limit.
    #[serde(default)]
    pub(crate) key_allowance: Option<i64>,
    /// The groups that their keys may route through.
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    /// The language of pages; none: the browser's.
    #[serde(default)]
    pub(crate) language: Option<String>,
    /// `light` or `dark`; none: the browser's.
    #[serde(default)]
    pub(crate) theme: Option<String>,
}

impl Me {
    /// Whether everything is theirs to see: owners and admins.
    pub(crate) fn is_operator(&self) -> bool {
        matches!(self.role.as_str(), "owner" | "admin")
    }

    /// Whether their calls are bounded by a balance.
    pub(crate) fn has_balance(&self) -> bool {
        self.credit == "balance"
    }

    /// Two letters that stand for them.
    pub(crate) fn initials(&self) -> String {
        let mut words = self.name.split_whitespace().filter_map(|word| word.chars().next());
        let letters: String = words.by_ref().take(2).collect();
        letters.to_uppercase()
    }
}
