//! How a channel's secrets are, as answers show it.

use domain::time::UnixMillis;
use gateway::catalog::{ChannelEntry, ChannelSecret};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::Moment;

/// One secret of a channel, never the secret itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelSecretHealth)]
pub(crate) struct SecretHealth {
    /// Its beginning and its end; `…` alone if it is short.
    masked: String,
    /// `healthy`; `resting`: not used until then; `half_open`: the next call will show.
    #[schema(value_type = String)]
    state: &'static str,
    /// When its rest ends; a test that goes well ends it before.
    until: Option<Moment>,
    /// What was the matter with the last call: `secret_refused`, `quota_exhausted`, `rate_limited`,
    /// `failed`, `timed_out`; null if it went well.
    #[schema(value_type = Option<String>)]
    last_error: Option<&'static str>,
}

impl SecretHealth {
    /// All of a channel's secrets.
    pub(super) fn all(channel: &ChannelEntry, now: UnixMillis) -> Vec<Self> {
        channel.secrets.iter().map(|secret| Self::of(secret, now)).collect()
    }

    fn of(secret: &ChannelSecret, now: UnixMillis) -> Self {
        let (state, until) = secret.health.state(now);
        Self {
            masked: secret.masked.clone(),
            state: state.name(),
            until: until.map(Moment),
            last_error: secret.health.trouble().map(|trouble| trouble.code()),
        }
    }
}
