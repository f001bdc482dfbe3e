//! The call that proves a configuration: the node's models with the key, in the tool's own way.

use anyhow::{Context, Result};
use bytes::Bytes;
use companion::tools::Speaks;
use companion::verify::{Answer, Probe, ProbeError, Question};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;

/// Asks over HTTP and HTTPS, with no redirect followed: a key goes where it was meant to go.
pub(in crate::commands) struct NodeProbe;

impl Probe for NodeProbe {
    fn ask(&self, question: &Question<'_>) -> Result<Answer, ProbeError> {
        let failed = |error: anyhow::Error| ProbeError(format!("{error:#}"));
        let runtime = crate::commands::runtime().map_err(failed)?;
        let asked = runtime.block_on(async { tokio::time::timeout(PATIENCE, ask(question)).await });
        let base = question.base_url;
        asked
            .map_err(|_| ProbeError(format!("{base} did not answer within {PATIENCE:?}")))?
            .map_err(failed)
    }
}

async fn ask(question: &Question<'_>) -> Result<Answer> {
    let started = Instant::now();
    let (status, body) = send(question, models_path(question.speaks), None).await?;
    let milliseconds = || u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    if status.is_success()
        && let Some(models) = models(&body)
    {
        let has_model = question.model.map(|model| models.iter().any(|it| it == model));
        if has_model == Some(false) {
            let model = question.model.unwrap_or_default();
            anyhow::bail!("the key may not call `{model}`; the node lists {} models", models.len());
        }
        let models = Some(models.len());
        return Ok(Answer { models, has_model, milliseconds: milliseconds() });
    }
    let unlisted = status == StatusCode::NOT_FOUND || status == StatusCode::METHOD_NOT_ALLOWED;
    if !unlisted && !status.is_success() {
        return Err(refusal(question, status, &body));
    }
    let Some(model) = question.model else {
        anyhow::bail!(
            "{} has no list of models to ask for; name one with --model",
            question.base_url
        )
    };
    let (path, call) = tiny_call(question.speaks, model);
    let (status, body) = send(question, &path, Some(&call)).await?;
    if !status.is_success() {
        return Err(refusal(question, status, &body));
    }
    Ok(Answer { models: None, has_model: Some(true), milliseconds: milliseconds() })
}

fn models_path(speaks: Speaks) -> &'static str {
    if speaks == Speaks::Gemini { "/v1beta/models" } else { "/v1/models" }
}

/// The shortest answer there is.
fn tiny_call(speaks: Speaks, model: &str) -> (String, Value) {
    let messages = json!([{ "role": "user", "content": "Hi" }]);
    match speaks {
        Speaks::Messages => (
            "/v1/messages".to_owned(),
            json!({ "model": model, "max_tokens": 1, "messages": messages }),
        ),
        Speaks::Responses => (
            "/v1/responses".to_owned(),
            json!({ "model": model, "max_output_tokens": 16, "input": "Hi", "store": false }),
        ),
        Speaks::Chat => (
            "/v1/chat/completions".to_owned(),
            json!({ "model": model, "max_tokens": 1, "messages": messages }),
        ),
        Speaks::Gemini => (
            format!("/v1beta/models/{model}:generateContent"),
            json!({
                "contents": [{ "role": "user", "parts": [{ "text": "Hi" }] }],
                "generationConfig": { "maxOutputTokens": 1 }
            }),
        ),
    }
}

async fn send(
    question: &Question<'_>,
    path: &str,
    call: Option<&Value>,
) -> Result<(StatusCode, Bytes)> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(provider)?
        .https_or_http()
        .enable_http1()
        .build();
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let url = format!("{}{path}", question.base_url);
    let key = question.secret.expose();
    let mut request = Request::builder()
        .uri(&url)
        .header("user-agent", "tollkeeper-companion")
        .header("accept", "application/json")
        .header("accept-encoding", "identity");
    request = match question.speaks {
        Speaks::Gemini => request.header("x-goog-api-key", key),
        Speaks::Messages => request
            .header("authorization", format!("Bearer {key}"))
            .header("anthropic-version", "2023-06-01"),
        Speaks::Responses | Speaks::Chat => {
            request.header("authorization", format!("Bearer {key}"))
        }
    };
    let body = match call {
        Some(call) => {
            request = request.method("POST").header("content-type", "application/json");
            Full::new(Bytes::from(call.to_string()))
        }
        None => Full::new(Bytes::new()),
    };
    let request = request.body(body).context("the key or the URL cannot be sent")?;
    let answer = client.request(request).await;
    let answer = answer.with_context(|| format!("{} cannot be reached", question.base_url))?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await;
    let body = body.map_err(|error| anyhow::anyhow!("{url}: the answer broke off: {error}"))?;
    Ok((status, body.to_bytes()))
}

/// The ids of a list of models, in any dialect's shape.
fn models(body: &[u8]) -> Option<Vec<String>> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let list = answer.get("data").or_else(|| answer.get("models"))?.as_array()?;
    let id = |model: &Value| {
        let id = model.get("id").or_else(|| model.get("name"))?.as_str()?;
        Some(id.strip_prefix("models/").unwrap_or(id).to_owned())
    };
    Some(list.iter().filter_map(id).collect())
}

fn refusal(question: &Question<'_>, status: StatusCode, body: &[u8]) -> anyhow::Error {
    let answer: Option<Value> = serde_json::from_slice(body).ok();
    let said = answer.as_ref().and_then(|it| it.pointer("/error/message")?.as_str());
    let said = said.unwrap_or("it gave no reason");
    let said: String = said.chars().filter(|it| !it.is_control()).take(300).collect();
    anyhow::anyhow!("{} answered {status}: {said}", question.base_url)
}
