//! A channel as the API shows it, with what the pages work out from it.

use domain::time::UnixMillis;
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::format::moment;
use crate::language::{Message, Words};
use crate::links::operator as links;
use crate::ui;

/// A channel.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) provider: String,
    pub(crate) base_url: String,
    pub(crate) secret_count: usize,
    pub(crate) secrets: Vec<SecretHealth>,
    pub(crate) models: Vec<String>,
    pub(crate) model_map: BTreeMap<String, String>,
    pub(crate) groups: Vec<String>,
    pub(crate) priority: i64,
    pub(crate) weight: i64,
    pub(crate) dialects: Vec<String>,
    pub(crate) proxy: Option<String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) timeouts: Timeouts,
    pub(crate) ask_usage: bool,
    pub(crate) tags: Vec<String>,
    pub(crate) disabled: bool,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) created_at: UnixMillis,
    pub(crate) etag: String,
}

/// How one secret is.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SecretHealth {
    pub(crate) masked: String,
    pub(crate) state: String,
    #[serde(default, deserialize_with = "moment::maybe")]
    pub(crate) until: Option<UnixMillis>,
    #[serde(default)]
    pub(crate) last_error: Option<String>,
}

/// How long a channel is waited for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Timeouts {
    pub(crate) connect_ms: Option<u64>,
    pub(crate) first_byte_ms: Option<u64>,
    pub(crate) idle_ms: Option<u64>,
    pub(crate) total_ms: Option<u64>,
}

impl Channel {
    /// The channel in the API.
    pub(super) fn path(id: &str) -> String {
        format!("/api/v1/channels/{}", crate::api::segment(id))
    }

    /// Its page, or a page or action of it.
    pub(crate) fn link(&self, part: &str) -> String {
        links::part(links::CHANNELS, &self.id, part)
    }

    /// Where its switch posts to.
    pub(crate) fn switch_link(&self) -> String {
        self.link(if self.disabled { "enable" } else { "disable" })
    }

    /// Where it is, without the scheme that nearly all have.
    pub(crate) fn host(&self) -> &str {
        self.base_url.trim_start_matches("https://").trim_end_matches('/')
    }

    /// The badge of its health.
    pub(crate) fn health(&self, words: Words) -> ui::Html {
        let of = |state: &str| self.secrets.iter().filter(|secret| secret.state == state).count();
        let all = self.secrets.len();
        if self.disabled {
            return ui::badge("off", words.t("status-disabled"));
        }
        match (of("healthy"), of("resting")) {
            _ if all == 0 => ui::badge("off", words.t("channel-health-unknown")),
            (well, _) if well == all => ui::badge("good", words.t("channel-health-good")),
            (_, resting) if resting == all => ui::badge("bad", words.t("channel-health-down")),
            (_, 0) => ui::badge("new", words.t("channel-health-trying")),
            (well, _) => {
                let text = words.t2("channel-health-part", "well", well, "all", all);
                ui::badge("warn", &text)
            }
        }
    }

    /// What the upstream calls a model, where it is called otherwise.
    pub(crate) fn upstream(&self, model: &str) -> Option<&str> {
        self.model_map.get(model).map(String::as_str)
    }
}

impl SecretHealth {
    /// The badge of its state.
    pub(crate) fn badge(&self, words: Words) -> ui::Html {
        match self.state.as_str() {
            "healthy" => ui::badge("good", words.t("channel-health-good")),
            "resting" => ui::badge("bad", words.t("channel-health-resting")),
            _ => ui::badge("new", words.t("channel-health-trying")),
        }
    }

    /// What was the matter with its last call.
    pub(crate) fn trouble(&self) -> Option<Message> {
        self.last_error.as_deref().map(trouble)
    }
}

/// What a code of a failed attempt means.
pub(in crate::pages) fn trouble(code: &str) -> Message {
    match code {
        "secret_refused" => Message("channel-error-secret-refused"),
        "quota_exhausted" => Message("channel-error-quota-exhausted"),
        "rate_limited" => Message("channel-error-rate-limited"),
        "timed_out" => Message("channel-error-timed-out"),
        "request_refused" => Message("channel-error-request-refused"),
        "no_api" => Message("channel-error-no-api"),
        _ => Message("channel-error-failed"),
    }
}
