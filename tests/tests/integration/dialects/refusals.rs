//! Refusals in the caller's own shape: status, stable code, the dialect's own word for it, the field
//! that is wrong, and the headers that tell SDKs whether to try again.

use anyhow::{Context, ensure};
use domain::dialect::Dialect::{self, Chat, Gemini, Messages, Responses};
use http::Method;
use serde_json::json;
use testkit::client::{Client, Response};
use testkit::provider::ProviderConfig;

use crate::stage::crossing::{Crossing, model};
use crate::stage::events::error_code;
use crate::stage::question::{DIALECTS, Question, caller};

/// A refusal, and what OpenAI, Anthropic and Google call it.
struct Expected {
    code: &'static str,
    status: u16,
    openai: &'static str,
    anthropic: &'static str,
    google: &'static str,
    permanent: bool,
}

const fn expected(
    code: &'static str,
    status: u16,
    [openai, anthropic, google]: [&'static str; 3],
) -> Expected {
    let permanent = !matches!(status, 429 | 502 | 503);
    Expected { code, status, openai, anthropic, google, permanent }
}

const UNAUTHENTICATED: [&str; 3] =
    ["authentication_error", "authentication_error", "UNAUTHENTICATED"];
const DENIED: [&str; 3] = ["permission_error", "permission_error", "PERMISSION_DENIED"];
const MISSING: [&str; 3] = ["invalid_request_error", "not_found_error", "NOT_FOUND"];
const INVALID: [&str; 3] = ["invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"];
const NO_MONEY: [&str; 3] = ["insufficient_quota", "billing_error", "FAILED_PRECONDITION"];
const TOO_OFTEN: [&str; 3] = ["requests", "rate_limit_error", "RESOURCE_EXHAUSTED"];

/// Whether an answer is the refusal, in the dialect's shape.
fn check(dialect: Dialect, answer: &Response, expected: &Expected) -> anyhow::Result<()> {
    let text = format!("{} {}: {}", dialect.name(), answer.status, answer.text());
    ensure!(answer.status == expected.status, "{} instead of {text}", expected.status);
    shape(dialect, answer, expected)?;
    let should_retry = expected.permanent.then_some("false");
    ensure!(answer.header("x-should-retry") == should_retry, "{:?}: {text}", answer.headers);
    if !expected.permanent {
        let wait = answer.header("retry-after").with_context(|| text.clone())?;
        ensure!(wait.parse::<u32>()? >= 1, "retry-after: {wait}");
    }
    Ok(())
}

/// The body and the ids.
fn shape(dialect: Dialect, answer: &Response, expected: &Expected) -> anyhow::Result<()> {
    let (body, text) = (answer.json()?, answer.text());
    let event = testkit::client::Event { name: String::new(), data: answer.text() };
    ensure!(error_code(dialect, &event).as_deref() == Some(expected.code), "{text}");
    ensure!(answer.header("content-type") == Some("application/json"), "{:?}", answer.headers);
    let id = answer.header("x-request-id").context("no x-request-id")?;
    ensure!(id.starts_with("call_"), "{id}");
    let error = &body["error"];
    ensure!(error["message"].as_str().is_some_and(|message| message.len() > 10), "{text}");
    match dialect {
        Chat | Responses => {
            ensure!(error["type"] == expected.openai, "{text}");
            ensure!(error.get("param").is_some(), "no param: {text}");
        }
        Messages => {
            ensure!(body["type"] == "error" && error["type"] == expected.anthropic, "{text}");
            ensure!(body["request_id"] == id, "{text}");
            ensure!(answer.header("request-id") == Some(id), "{:?}", answer.headers);
        }
        Gemini => {
            let status: u16 = answer.status.as_u16();
            let told = error["code"].as_u64().and_then(|code| u16::try_from(code).ok());
            // Codex is told 400 whatever the body says; Codex does not speak Gemini.
            ensure!(told == Some(status) || status == 400, "{text}");
            ensure!(error["status"] == expected.google, "{text}");
        }
    }
    Ok(())
}

/// Sends a plain question in every dialect with this key, and once more as Codex.
async fn refused(crossing: &Crossing, key: &str, expected: &Expected) -> anyhow::Result<()> {
    for dialect in DIALECTS {
        let client = caller(&crossing.client, dialect, key)?;
        asked(&client, dialect, &Question::to(model(dialect)), expected).await?;
    }
    Ok(())
}

/// Sends a question that must be refused, whole, in events, and as Codex.
async fn asked(
    client: &Client,
    dialect: Dialect,
    question: &Question,
    expected: &Expected,
) -> anyhow::Result<()> {
    for stream in [false, true] {
        let question = question.clone().stream(stream);
        let (path, body) = (question.path(dialect), question.body(dialect));
        check(dialect, &client.post_json(&path, &body).await?, expected)?;
        let codex = client.header("originator", "codex_exec")?.post_json(&path, &body).await?;
        let status = if expected.permanent { 400 } else { expected.status };
        ensure!(codex.status == status, "as codex: {} {}", codex.status, codex.text());
        shape(dialect, &codex, expected)?;
    }
    Ok(())
}

#[tokio::test]
async fn keys() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    for dialect in DIALECTS {
        let nobody = expected("missing_key", 401, UNAUTHENTICATED);
        asked(&crossing.client, dialect, &Question::to(model(dialect)), &nobody).await?;
    }
    let other_service = expected("malformed_key", 401, UNAUTHENTICATED);
    refused(&crossing, "sk-ant-api03-left-over", &other_service).await?;
    let reader = crossing.world.key(json!({"permissions": "read_only"})).await?;
    refused(&crossing, &reader.secret, &expected("permission_denied", 403, DENIED)).await?;
    let elsewhere = crossing.world.key(json!({"ip_allowlist": ["192.0.2.1"]})).await?;
    refused(&crossing, &elsewhere.secret, &expected("ip_not_allowed", 403, DENIED)).await?;
    crossing.switch_key("revoke").await?;
    let revoked = expected("key_revoked", 401, UNAUTHENTICATED);
    refused(&crossing, &crossing.key.secret, &revoked).await?;
    ensure!(crossing.provider.totals().received == 0);
    Ok(())
}

#[tokio::test]
async fn models() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let key = crossing.world.key(json!({"allowed_models": ["nothing-1"]})).await?;
    refused(&crossing, &key.secret, &expected("model_not_allowed", 403, DENIED)).await?;
    for dialect in DIALECTS {
        let client = crossing.caller(dialect)?;
        let unknown = expected("model_not_found", 404, MISSING);
        asked(&client, dialect, &Question::to("nothing-1"), &unknown).await?;
    }
    ensure!(crossing.provider.totals().received == 0);
    Ok(())
}

#[tokio::test]
async fn limits() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let poor = crossing.world.key(json!({"quota": "0.000001"})).await?;
    refused(&crossing, &poor.secret, &expected("key_quota_exhausted", 402, NO_MONEY)).await?;
    let day = crossing.world.key(json!({"daily_limit": {"amount": "0.000001"}})).await?;
    refused(&crossing, &day.secret, &expected("daily_limit_reached", 402, NO_MONEY)).await?;
    let member = crossing.user("0.000001").await?;
    let broke = crossing.world.key(json!({"owner": member})).await?;
    refused(&crossing, &broke.secret, &expected("balance_exhausted", 402, NO_MONEY)).await?;
    let slow = crossing.world.key(json!({"rate_limits": {"requests_per_minute": 1}})).await?;
    let client = caller(&crossing.client, Messages, &slow.secret)?;
    Question::to(model(Chat)).ask(&client, Messages).await?;
    refused(&crossing, &slow.secret, &expected("rate_limited", 429, TOO_OFTEN)).await
}

/// Bodies that are wrong; the field is named where the dialect has a place for it, else in words.
#[tokio::test]
async fn bodies() -> anyhow::Result<()> {
    let gateway = |gateway: testkit::gateway_process::GatewayBuilder| {
        gateway.args(["--max-body-bytes", "3000"])
    };
    let crossing = Crossing::set_with(ProviderConfig::default(), gateway, json!({})).await?;
    for dialect in DIALECTS {
        let client = crossing.caller(dialect)?;
        let question = Question::to(model(dialect));
        let path = question.path(dialect);
        let invalid = expected("invalid_request", 400, INVALID);
        for body in ["{\"model\":", "", "[]", "\u{1}", "{\"a\":1}}"] {
            check(dialect, &client.send(Method::POST, &path, body).await?, &invalid)?;
        }
        let (turns, most) = match dialect {
            Chat => ("messages", "max_completion_tokens"),
            Responses => ("input", "max_output_tokens"),
            Messages => ("messages", "max_tokens"),
            Gemini => ("contents", "generationConfig.maxOutputTokens"),
        };
        let (pointer, outer) = (format!("/{}", most.replace('.', "/")), question.body(dialect));
        for (pointer, field, wrong) in [
            (format!("/{turns}"), turns, json!(7)),
            (format!("/{turns}"), turns, json!(true)),
            (pointer.clone(), most, json!("many")),
            (pointer.clone(), most, json!(-1)),
            (pointer, most, json!(1.5)),
        ] {
            let mut body = outer.clone();
            *body.pointer_mut(&pointer).context("no such field")? = wrong;
            let answer = client.post_json(&path, &body).await?;
            check(dialect, &answer, &invalid)?;
            names(dialect, &answer, field).with_context(|| body.to_string())?;
        }
        let large = outer.to_string().replace("one two three", &"word ".repeat(700));
        let answer = client.send(Method::POST, &path, large).await?;
        let too_large = ["invalid_request_error", "request_too_large", "INVALID_ARGUMENT"];
        check(dialect, &answer, &expected("request_too_large", 413, too_large))?;
    }
    ensure!(crossing.provider.totals().received == 0);
    crossing.audit().await
}

fn names(dialect: Dialect, answer: &Response, field: &str) -> anyhow::Result<()> {
    let error = &answer.json()?["error"];
    let named = match dialect {
        Chat | Responses => error["param"] == field,
        Messages => error["message"].as_str().is_some_and(|said| said.contains(field)),
        Gemini => error["details"][1]["fieldViolations"][0]["field"] == field,
    };
    ensure!(named, "{field} is not named: {}", answer.text());
    Ok(())
}

#[tokio::test]
async fn paths_and_methods() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let wrong = ["invalid_request_error", "invalid_request_error", "UNIMPLEMENTED"];
    for dialect in DIALECTS {
        let client = crossing.caller(dialect)?;
        let path = Question::to(model(dialect)).path(dialect);
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = client.send(method, &path, "{}").await?;
            check(dialect, &answer, &expected("method_not_allowed", 405, wrong))?;
            ensure!(answer.header("allow") == Some("POST"), "{:?}", answer.headers);
        }
    }
    for (dialect, path) in [
        (Chat, "/v1/nowhere"),
        (Responses, "/v1/responses/resp_1/nowhere"),
        (Messages, "/v1/messages/batches"),
        (Gemini, "/v1beta/nowhere"),
        (Gemini, "/v1beta/models/gemini-2.5-flash:fly"),
        (Gemini, "/v1/models/gemini-2.5-flash:fly"),
        (Gemini, "/v1beta/models/:generateContent"),
    ] {
        let answer = crossing.caller(dialect)?.post_json(path, &json!({})).await?;
        check(dialect, &answer, &expected("not_found", 404, MISSING)).context(path)?;
    }
    Ok(())
}

/// What the upstream refuses: the same on its own channel and translated, with its own words.
#[tokio::test]
async fn upstreams() -> anyhow::Result<()> {
    let failed = ["server_error", "api_error", "UNAVAILABLE"];
    let cases = [
        (400, expected("upstream_rejected", 400, INVALID)),
        (404, expected("upstream_rejected", 404, MISSING)),
        (429, expected("upstream_rate_limited", 429, TOO_OFTEN)),
        (500, expected("upstream_failed", 502, failed)),
        (529, expected("upstream_failed", 502, failed)),
    ];
    for (from, to) in [
        (Chat, Chat),
        (Responses, Responses),
        (Messages, Messages),
        (Gemini, Gemini),
        (Messages, Chat),
        (Responses, Messages),
        (Chat, Gemini),
        (Gemini, Responses),
    ] {
        let crossing = Crossing::set().await?;
        for (status, expected) in &cases {
            crossing.provider_does(json!({"error": {"status": status, "retry_after": "1"}}))?;
            for stream in [false, true] {
                let question = Question::to(model(to)).stream(stream);
                let (path, body) = (question.path(from), question.body(from));
                // A channel that is edited has forgotten its failures.
                crossing.forget_failures().await?;
                let answer = crossing.caller(from)?.post_json(&path, &body).await?;
                let pair = || format!("{} on {}, stream {stream}", from.name(), to.name());
                check(from, &answer, expected).with_context(pair)?;
                let said = format!("Simulated error {status}.");
                ensure!(answer.text().contains(&said), "{}", answer.text());
            }
        }
        crossing.calls_when(2 * cases.len()).await?;
        crossing.audit().await?;
    }
    Ok(())
}
