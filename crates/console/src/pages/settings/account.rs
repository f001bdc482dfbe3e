//! The visitor's own account, with what only its own pages show.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;

use crate::format::moment;
use crate::language::Message;
use crate::links;
use crate::trouble::Trouble;
use crate::visit::SignedIn;

/// An account, as `GET /api/v1/me` has it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) email: Option<String>,
    #[serde(default)]
    pub(crate) language: Option<String>,
    #[serde(default)]
    pub(crate) theme: Option<String>,
    /// What is free for further calls; none: unlimited.
    #[serde(default)]
    pub(crate) available: Option<Nanos>,
    pub(crate) credited: Nanos,
    pub(crate) spent: Nanos,
    pub(crate) held: Nanos,
    pub(crate) reserved: Nanos,
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(crate) frozen_at: Option<UnixMillis>,
    pub(crate) totp: bool,
    pub(crate) recovery_codes: i64,
    pub(crate) etag: String,
}

impl Account {
    /// The visitor's.
    pub(crate) async fn of(user: &SignedIn) -> Result<Self, Trouble> {
        user.api().get("/api/v1/me?keys=false").await
    }
}

/// The pages of the settings.
pub(super) const TABS: &[(&str, Message, &str)] = &[
    (links::SETTINGS, Message("settings-profile"), "user"),
    (links::SECURITY, Message("settings-security"), "lock"),
    (links::SESSIONS, Message("settings-sessions"), "monitor"),
    (links::MANAGEMENT_KEYS, Message("settings-keys"), "key"),
    (links::ALERT_SETTINGS, Message("settings-alerts"), "bell"),
];
