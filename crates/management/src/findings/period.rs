//! How far back an audit looks.

use crate::request::Invalid;
use crate::wrong::Wrong;

/// How far back an audit looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Period {
    /// 7 days.
    Week,
    /// 30 days.
    #[default]
    Month,
    /// 91 days.
    Quarter,
}

impl Period {
    /// The names, as an error message lists them.
    pub(super) const NAMES: &'static str = "week, month, quarter";

    /// The length in days.
    pub(super) const fn days(self) -> i64 {
        match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 91,
        }
    }

    /// The period behind a name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "week" => Some(Self::Week),
            "month" => Some(Self::Month),
            "quarter" => Some(Self::Quarter),
            _ => None,
        }
    }

    /// Reads a name.
    pub(super) fn read(name: &str) -> Result<Self, Invalid> {
        Self::from_name(name).ok_or_else(|| Invalid::new(Wrong::one_of([Self::NAMES])))
    }
}
