//! A channel as answers show it: without its secrets.

use domain::dialect::Dialect;
use domain::id::ChannelId;
use gateway::Gateway;
use gateway::catalog::default_dialects;
use serde::Serialize;
use std::collections::BTreeMap;
use store::channel::{Channel, Timeouts};
use utoipa::ToSchema;

use super::health::SecretHealth;
use super::proxy::shown;
use crate::answer::Moment;

/// A channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Channel)]
pub(crate) struct ChannelView {
    /// `chn_…`
    #[schema(value_type = String)]
    id: ChannelId,
    /// What its operator calls it.
    name: String,
    /// Whose interface it speaks.
    provider: String,
    /// Where it is.
    base_url: String,
    /// How many secrets it has. They are never shown.
    secret_count: usize,
    /// How each of them is, on the node that answers; none while the channel is switched off.
    secrets: Vec<SecretHealth>,
    /// What it serves, as clients call it.
    models: Vec<String>,
    /// What the upstream calls those that it calls otherwise.
    model_map: BTreeMap<String, String>,
    /// The groups that it belongs to.
    groups: Vec<String>,
    /// Higher is tried first.
    priority: i64,
    /// Share of the calls among channels of the same priority.
    weight: u32,
    /// The wire formats that it takes.
    #[schema(value_type = Vec<String>)]
    dialects: Vec<Dialect>,
    /// The proxy that its calls go through; `***` stands for its login.
    proxy: Option<String>,
    /// Headers that are added to each call.
    headers: BTreeMap<String, String>,
    /// How long it is waited for, in milliseconds; null follows the deployment.
    #[schema(value_type = Object)]
    timeouts: Timeouts,
    /// Whether it is asked to report usage in streams.
    ask_usage: bool,
    /// Labels.
    tags: Vec<String>,
    /// Switched off.
    disabled: bool,
    /// When it was made.
    created_at: Moment,
    /// The version, for `If-Match`.
    etag: String,
}

impl ChannelView {
    /// The view of a stored channel. A version that is not in force yet has no health.
    pub(crate) fn of(channel: Channel, gateway: &Gateway) -> Self {
        let running = gateway.catalog.load().channel(channel.id).cloned();
        let running = running.filter(|entry| entry.version == channel.version);
        let now = gateway.ledger.now();
        let secrets = running.map(|entry| SecretHealth::all(&entry, now)).unwrap_or_default();
        let renamed = channel.models.iter().filter(|model| model.name != model.upstream);
        let settings = channel.settings;
        let proxy = shown(&settings);
        Self {
            id: channel.id,
            model_map: renamed.map(|model| (model.name.clone(), model.upstream.clone())).collect(),
            models: channel.models.iter().map(|model| model.name.clone()).collect(),
            dialects: settings.dialects.unwrap_or_else(|| default_dialects(&channel.provider)),
            name: channel.name,
            provider: channel.provider,
            base_url: channel.base_url,
            secret_count: channel.secrets.len(),
            secrets,
            proxy,
            groups: channel.groups,
            priority: channel.priority,
            weight: channel.weight,
            headers: settings.headers,
            timeouts: settings.timeouts,
            ask_usage: settings.ask_usage,
            tags: settings.tags,
            disabled: channel.disabled,
            created_at: Moment(channel.created_at),
            etag: channel.version.to_string(),
        }
    }
}
