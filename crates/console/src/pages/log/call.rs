//! A call as the API shows it, whole.

use domain::money::Nanos;
use domain::time::UnixMillis;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::format::moment;
use crate::language::{Message, Words};
use crate::ui;

/// A call.
#[derive(Debug, Deserialize)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) key_id: String,
    pub(super) key_name: String,
    pub(super) user_id: String,
    pub(super) user_name: String,
    pub(super) model: String,
    pub(super) upstream_model: String,
    pub(super) channel_id: String,
    /// None for who does not see channels.
    pub(super) channel_name: Option<String>,
    pub(super) group: String,
    pub(super) dialect: String,
    pub(super) upstream_dialect: String,
    pub(super) billing_method: String,
    pub(super) usage: Tokens,
    pub(super) cost: Nanos,
    pub(super) charged: Nanos,
    pub(super) refunded: Nanos,
    pub(super) refunds: Vec<Refund>,
    pub(super) bill: Vec<Line>,
    pub(super) multiplier: Box<RawValue>,
    pub(super) price_version: i64,
    pub(super) usage_source: String,
    pub(super) suspect: bool,
    pub(super) outcome: String,
    pub(super) status: u16,
    #[serde(deserialize_with = "moment::one")]
    pub(super) started_at: UnixMillis,
    pub(super) first_token_ms: Option<u32>,
    pub(super) duration_ms: u32,
    pub(super) client_ip: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) attempts: Vec<Attempt>,
}

/// Its tokens by class.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tokens {
    pub(super) input: u64,
    pub(super) cached_input: u64,
    pub(super) cache_write: u64,
    pub(super) cache_write_1h: u64,
    pub(super) output: u64,
    pub(super) reasoning: u64,
}

/// A line of its bill.
#[derive(Debug, Deserialize)]
pub(super) struct Line {
    pub(super) class: String,
    pub(super) quantity: u64,
    pub(super) per: String,
    pub(super) price: Box<RawValue>,
    pub(super) amount: Box<RawValue>,
}

/// What was given back.
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub(super) amount: Nanos,
    pub(super) reason: String,
    #[serde(deserialize_with = "moment::one")]
    pub(super) created_at: UnixMillis,
}

/// A try at a channel.
#[derive(Debug, Deserialize)]
pub(super) struct Attempt {
    pub(super) channel_id: String,
    pub(super) channel_name: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) error: Option<String>,
    pub(super) duration_ms: u32,
}

impl Call {
    /// Everything that the model read.
    pub(super) const fn read(&self) -> u64 {
        let written = self.usage.cache_write.saturating_add(self.usage.cache_write_1h);
        self.usage.input.saturating_add(self.usage.cached_input).saturating_add(written)
    }

    /// Its status, green where it went well.
    pub(super) fn badge(&self) -> ui::Html {
        badge(self.status)
    }

    /// The program that made it, without its system's details.
    pub(super) fn client(&self) -> &str {
        self.user_agent.as_deref().and_then(|agent| agent.split([' ', '(']).next()).unwrap_or("—")
    }

    /// How it ended.
    pub(super) fn ended(&self) -> Message {
        match self.outcome.as_str() {
            "completed" => Message("log-outcome-completed"),
            "client_gone" => Message("log-outcome-client-gone"),
            "upstream_cut" => Message("log-outcome-upstream-cut"),
            "reconciled" => Message("log-outcome-reconciled"),
            _ => Message("log-outcome-failed"),
        }
    }

    /// Where its usage comes from.
    pub(super) fn source(&self) -> Message {
        match self.usage_source.as_str() {
            "upstream_final" => Message("log-source-final"),
            "upstream_partial" => Message("log-source-partial"),
            "checkpoint" => Message("log-source-checkpoint"),
            "estimated" => Message("log-source-estimated"),
            "bound" => Message("log-source-bound"),
            _ => Message("log-source-none"),
        }
    }

    /// How it was charged.
    pub(super) fn billing(&self) -> Message {
        match self.billing_method.as_str() {
            "pay_per_use" => Message("log-billing-call"),
            "by_model" => Message("log-billing-model"),
            _ => Message("log-billing-usage"),
        }
    }
}

impl Call {
    /// What a try's channel is called: by its name, else the how manieth of this call's it is.
    pub(super) fn channel_of(&self, attempt: &Attempt, words: Words) -> String {
        if let Some(name) = &attempt.channel_name {
            return name.clone();
        }
        let mut seen: Vec<&str> = Vec::new();
        for one in &self.attempts {
            if !seen.contains(&one.channel_id.as_str()) {
                seen.push(&one.channel_id);
            }
        }
        let place = seen.iter().position(|id| *id == attempt.channel_id).unwrap_or(0);
        words.t1("log-channel-numbered", "number", place + 1)
    }
}

impl Attempt {
    /// Its status, or what went wrong.
    pub(super) fn badge(&self, words: Words) -> ui::Html {
        self.status.map_or_else(|| ui::badge("bad", words.t("log-no-answer")), badge)
    }
}

fn badge(status: u16) -> ui::Html {
    let tone = match status {
        200..=299 => "good",
        400..=499 => "warn",
        _ => "bad",
    };
    ui::badge(tone, status.to_string())
}
