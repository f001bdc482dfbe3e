//! The active test of a channel: one tiny call with each of its secrets, in the channel's own
//! dialect. It is nobody's call: no key, no books, no limit.

use bytes::Bytes;
use domain::dialect::Dialect;
use http::StatusCode;
use http_body_util::{BodyExt, Limited};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

use crate::catalog::{ChannelEntry, ChannelSecret};
use crate::endpoint::Operation;
use crate::forward::{Ask, Failure, FailureKind, Span, attempt};
use crate::gateway::Worker;
use crate::route::Route;
use crate::settle::millis;

/// What one secret's test came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// The secret as it may be shown.
    pub masked: String,
    /// What the provider answered with.
    pub status: Option<StatusCode>,
    /// How long it took.
    pub latency_ms: u32,
    /// What is the matter; none: it works.
    pub failure: Option<ProbeFailure>,
}

/// Why a test failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeFailure {
    /// A stable code.
    pub code: &'static str,
    /// The provider's words, or ours.
    pub message: String,
}

/// One secret is waited for so long, …
const PATIENCE: Duration = Duration::from_secs(30);
/// … and all of them together so long.
const ALTOGETHER: Duration = Duration::from_secs(120);
/// More of an answer to so short a question is not read.
const LONGEST_ANSWER: usize = 256 * 1024;
/// OpenAI's responses take no lower maximum.
const MOST_OUTPUT: u32 = 16;
/// Reasoning models of OpenAI's say this where others give an empty answer: the secret works.
const NOTHING_LEFT_TO_SAY: &str = "max_tokens or model output limit was reached";

/// Tests a channel's secrets one after the other. What is learnt goes into their health, but for a
/// request that the provider did not like: that says nothing about the secret.
pub async fn probe(
    worker: &Worker,
    channel: &Arc<ChannelEntry>,
    upstream_model: &Arc<str>,
    dialect: Dialect,
) -> Vec<Probed> {
    let route = Route {
        channel: Arc::clone(channel),
        dialect,
        upstream_model: Arc::clone(upstream_model),
        group: Arc::from(""),
        multiplier: domain::bill::Multiplier::ONE,
    };
    let ask = ask(dialect, upstream_model);
    let body = body(dialect, upstream_model, &channel.provider);
    let end = Instant::now() + ALTOGETHER;
    let mut found = Vec::with_capacity(channel.secrets.len());
    for secret in &channel.secrets {
        let deadline = end.min(Instant::now() + PATIENCE);
        found.push(Box::pin(probe_secret(worker, &route, secret, &body, &ask, deadline)).await);
    }
    found
}

/// Tests every channel that is switched on, again and again, the first time after one interval.
/// What is the matter goes to the log, and into the secrets' health.
pub async fn probe_all_every(worker: Worker, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        let channels = worker.gateway.catalog.load().channels().to_vec();
        for channel in channels {
            let first = channel.dialects.first().copied();
            let (Some(dialect), Some(model)) = (first, &channel.first_model) else { continue };
            for probed in Box::pin(probe(&worker, &channel, model, dialect)).await {
                if let Some(ProbeFailure { code, message }) = probed.failure {
                    tracing::warn!(channel = %channel.id, name = %channel.name, secret = %probed.masked, code, error = %message, "a channel's test failed");
                }
            }
        }
    }
}

async fn probe_secret(
    worker: &Worker,
    route: &Route,
    secret: &ChannelSecret,
    body: &Bytes,
    ask: &Ask,
    deadline: Instant,
) -> Probed {
    let started = Instant::now();
    let time = Span { started, deadline };
    let (status, failure) = match attempt(worker, route, secret, body, ask, time).await {
        Ok(response) => {
            let status = response.status();
            let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect();
            let whole = tokio::time::timeout_at(deadline, body).await;
            let bytes = whole.ok().and_then(Result::ok).map(|body| body.to_bytes());
            (Some(status), judge(bytes))
        }
        Err(failure) if failure.message.contains(NOTHING_LEFT_TO_SAY) => (failure.status, None),
        Err(failure) => {
            if failure.kind != FailureKind::Request {
                failure.tell(&route.channel, secret, worker.gateway.ledger.now());
            }
            let Failure { kind, status, message, .. } = failure;
            let code = kind.trouble().map_or("request_refused", |trouble| trouble.code());
            (status, Some(ProbeFailure { code, message: route.channel.conceal(&message) }))
        }
    };
    if failure.is_none() {
        secret.health.succeeded();
    }
    Probed { masked: secret.masked.clone(), status, latency_ms: millis(started), failure }
}

/// Whether a 2xx is the answer of a model: some doors answer everything with 200 and a page.
fn judge(body: Option<Bytes>) -> Option<ProbeFailure> {
    let failure = |code, message: &str| Some(ProbeFailure { code, message: message.to_owned() });
    let Some(body) = body else {
        return failure("answer_broke_off", "The answer broke off, or did not end in time.");
    };
    match serde_json::from_slice::<Value>(&body) {
        Ok(Value::Object(answer)) if !answer.contains_key("error") => None,
        Ok(Value::Object(answer)) if answer.get("error").is_some_and(Value::is_null) => None,
        Ok(Value::Object(_)) => {
            failure("error_in_answer", "The answer is an error with a good status.")
        }
        _ => failure("no_api", "The answer is not JSON: this is not the address of an API."),
    }
}

fn ask(dialect: Dialect, model: &str) -> Ask {
    let operation = match dialect {
        Dialect::Chat => Operation::Chat,
        Dialect::Responses => Operation::Responses,
        Dialect::Messages => Operation::Messages,
        Dialect::Gemini => {
            Operation::Generate { model: model.to_owned(), stream: false, events: false }
        }
    };
    Ask {
        operation,
        stream: false,
        user_agent: Arc::from(concat!("tollkeeper/", env!("CARGO_PKG_VERSION"), " channel-test")),
        passed: Vec::new(),
        pinned: None,
        stores: false,
    }
}

fn body(dialect: Dialect, model: &str, provider: &str) -> Bytes {
    let say_hi = json!([{"role": "user", "content": "Hi"}]);
    // OpenAI's newer models refuse the old name, other providers do not know the new one.
    let limit = if matches!(provider, "openai" | "azure-openai") {
        "max_completion_tokens"
    } else {
        "max_tokens"
    };
    let body = match dialect {
        Dialect::Chat => json!({"model": model, "messages": say_hi, limit: MOST_OUTPUT}),
        Dialect::Responses => {
            json!({"model": model, "input": "Hi", "max_output_tokens": MOST_OUTPUT, "store": false})
        }
        Dialect::Messages => json!({"model": model, "messages": say_hi, "max_tokens": MOST_OUTPUT}),
        Dialect::Gemini => json!({
            "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
            "generationConfig": {"maxOutputTokens": MOST_OUTPUT},
        }),
    };
    Bytes::from(body.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_is_asked_for_little() {
        for dialect in [Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini] {
            let body = String::from_utf8(body(dialect, "m", "openai").to_vec()).unwrap();
            assert!(body.contains(":16"), "{body}");
            assert_eq!(body.contains(r#""model":"m""#), dialect != Dialect::Gemini, "{body}");
        }
        let compatible = body(Dialect::Chat, "m", "openai-compatible");
        assert!(String::from_utf8_lossy(&compatible).contains("\"max_tokens\":16"));
    }

    #[test]
    fn a_page_or_an_error_is_no_answer() {
        let code = |body: &'static str| {
            judge(Some(Bytes::from_static(body.as_bytes()))).map(|failure| failure.code)
        };
        assert_eq!(code(r#"{"choices":[]}"#), None);
        assert_eq!(code(r#"{"output":[],"error":null}"#), None);
        assert_eq!(code("<html>"), Some("no_api"));
        assert_eq!(code(r#"{"error":{"message":"x"}}"#), Some("error_in_answer"));
        assert_eq!(judge(None).map(|failure| failure.code), Some("answer_broke_off"));
    }
}
