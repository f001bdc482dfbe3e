//! The id of a finding: what was found, a point, and the key. It stays the same for as long as the
//! key has the fault.

use domain::id::{InvalidId, KeyId};
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

use super::kind::Kind;

/// What was found of which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FindingId {
    /// The key.
    pub(super) key: KeyId,
    /// What was found.
    pub(super) kind: Kind,
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind.name(), self.key)
    }
}

impl FromStr for FindingId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId { prefix: "finding" };
        let (kind, key) = text.split_once('.').ok_or(invalid.clone())?;
        Ok(Self { kind: Kind::from_name(kind).ok_or(invalid)?, key: key.parse()? })
    }
}

impl Serialize for FindingId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
