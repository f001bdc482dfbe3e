//! What a key did since a time, as the API reports it: from where, with which programs, and what of
//! it was never seen before.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;

use crate::format::moment;
use crate::language::Message;

/// What is known of a leak, and what the key did.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Leak {
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(crate) reported_at: Option<UnixMillis>,
    #[serde(default)]
    pub(crate) note: Option<String>,
    #[serde(default)]
    pub(crate) replaced_by: Option<String>,
    pub(crate) report: Report,
}

/// A key's calls since a moment.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Report {
    #[serde(deserialize_with = "moment::one")]
    pub(crate) since: UnixMillis,
    pub(crate) calls: i64,
    pub(crate) cost: Nanos,
    #[serde(default)]
    pub(crate) unusual: Vec<Unusual>,
    #[serde(default)]
    pub(crate) addresses: Vec<Group>,
    #[serde(default)]
    pub(crate) user_agents: Vec<Group>,
}

/// The calls that have one value in common.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Group {
    pub(crate) value: String,
    pub(crate) calls: i64,
    pub(crate) cost: Nanos,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) last_call_at: UnixMillis,
    pub(crate) new: bool,
}

/// Something that was never seen before.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Unusual {
    pub(crate) kind: String,
    pub(crate) value: String,
    pub(crate) calls: i64,
    pub(crate) cost: Nanos,
}

impl Unusual {
    /// What kind of thing is new.
    pub(crate) fn kind_name(&self) -> Message {
        match self.kind.as_str() {
            "address" => Message("leak-new-address"),
            "user_agent" => Message("leak-new-client"),
            "model" => Message("leak-new-model"),
            _ => Message("leak-new-hour"),
        }
    }
}
