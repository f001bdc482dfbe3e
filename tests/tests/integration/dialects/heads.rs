//! The head that an upstream gets: its own kind of credential, its version, and nothing of the
//! caller's but what is meant for it.

use anyhow::ensure;
use domain::dialect::Dialect::{self, Chat, Gemini, Messages, Responses};
use serde_json::json;
use testkit::provider::SeenRequest;
use testkit::world::UPSTREAM_SECRET;

use crate::stage::crossing::{Crossing, model, price};
use crate::stage::question::{DIALECTS, Question};

/// Sends a question with headers of every kind and returns what arrived.
async fn sent(
    crossing: &Crossing,
    from: Dialect,
    question: &Question,
) -> anyhow::Result<SeenRequest> {
    let mut client = crossing.client.bearer(&crossing.key.secret)?;
    for (name, value) in [
        ("anthropic-version", "2023-01-01"),
        ("anthropic-beta", "context-1m-2025-08-07,tools-x"),
        ("openai-beta", "responses=v1"),
        ("x-goog-api-client", "genai-js/1"),
        ("openai-organization", "org-x"),
        ("cookie", "session=1"),
        ("x-app", "cli"),
        ("x-stainless-lang", "js"),
        ("user-agent", "tool/1.0"),
    ] {
        client = client.header(name, value)?;
    }
    let path = question.path(from);
    let path = format!("{path}{}beta=true", if path.contains('?') { '&' } else { '?' });
    client.post_json(&path, &question.body(from)).await?.success()?;
    crossing.last_seen()
}

fn names(seen: &SeenRequest) -> Vec<String> {
    let mut names: Vec<String> = seen.headers.keys().map(ToString::to_string).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn each_dialect_has_its_own_credential_and_version() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    for (from, to, stream) in DIALECTS
        .into_iter()
        .flat_map(|from| DIALECTS.map(|to| (from, to)))
        .flat_map(|(from, to)| [false, true].map(|stream| (from, to, stream)))
    {
        let question = Question::to(model(to)).stream(stream);
        let seen = sent(&crossing, from, &question).await?;
        let (credential, value) = match to {
            Chat | Responses => ("authorization", format!("Bearer {UPSTREAM_SECRET}")),
            Messages => ("x-api-key", UPSTREAM_SECRET.to_owned()),
            Gemini => ("x-goog-api-key", UPSTREAM_SECRET.to_owned()),
        };
        let pair = format!("{} on {}: {:?}", from.name(), to.name(), seen.headers);
        ensure!(seen.header(credential) == Some(value.as_str()), "{pair}");
        let mut expected = vec![
            "accept",
            "accept-encoding",
            "content-length",
            "content-type",
            "host",
            "user-agent",
            credential,
        ];
        if to == Messages {
            expected.push("anthropic-version");
            let version = if from == Messages { "2023-01-01" } else { "2023-06-01" };
            ensure!(seen.header("anthropic-version") == Some(version), "{pair}");
        }
        match (from, to) {
            (Messages, Messages) => expected.push("anthropic-beta"),
            (Chat, Chat) | (Responses, Responses) => expected.push("openai-beta"),
            _ => {}
        }
        expected.sort_unstable();
        ensure!(names(&seen) == expected, "{pair}");
        let accept = if stream { "text/event-stream" } else { "application/json" };
        ensure!(seen.header("accept") == Some(accept), "{pair}");
        let everything = format!("{} {:?} {:?}", seen.path, seen.headers, seen.body);
        ensure!(!everything.contains(&crossing.key.secret), "the caller's key went upstream");
        let path = Question::to(model(to)).stream(stream).path(to);
        ensure!(seen.path == path, "{} instead of {path}", seen.path);
    }
    Ok(())
}

/// Microsoft has its own.
#[tokio::test]
async fn azure_has_a_credential_of_its_own() -> anyhow::Result<()> {
    // It is none that the scene's provider asks for.
    let provider = testkit::provider::SimulatedProvider::start(
        testkit::provider::ProviderConfig::default().keep_seen(4),
    )
    .await?;
    let crossing = Crossing::set().await?;
    crossing.price("azure-model", price()).await?;
    let channel = json!({
        "provider": "azure-openai", "models": ["azure-model"], "base_url": provider.base_url(),
    });
    crossing.channel_with(channel).await?;
    for from in DIALECTS {
        let client = crossing.caller(from)?;
        let question = Question::to("azure-model");
        client.post_json(&question.path(from), &question.body(from)).await?.success()?;
        let seen = provider.seen();
        let Some(seen) = seen.last() else { anyhow::bail!("nothing came") };
        ensure!(seen.header("api-key") == Some(UPSTREAM_SECRET), "{:?}", seen.headers);
        for other in ["authorization", "x-api-key", "x-goog-api-key"] {
            ensure!(seen.header(other).is_none(), "{other}: {:?}", seen.headers);
        }
    }
    Ok(())
}

/// Headers that the operator adds come last: they may name a version or a beta.
#[tokio::test]
async fn an_operators_headers_count() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let headers = json!({"anthropic-version": "2024-01-01", "anthropic-beta": "house-1"});
    crossing.price("own", price()).await?;
    let channel = crate::stage::crossing::speaking(Messages, &["own"]);
    let channel = crate::stage::merged(channel, json!({"headers": headers}));
    crossing.channel_with(channel).await?;
    for from in [Messages, Chat] {
        let seen = sent(&crossing, from, &Question::to("own")).await?;
        ensure!(seen.header("anthropic-version") == Some("2024-01-01"), "{:?}", seen.headers);
        ensure!(seen.header("anthropic-beta") == Some("house-1"), "{:?}", seen.headers);
    }
    Ok(())
}
