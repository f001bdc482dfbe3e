//! Which of several channels serves a call: of equals, the one that speaks the caller's dialect; and
//! from one to another when that fails, whatever they speak.

use anyhow::{Context, ensure};
use domain::dialect::Dialect::{self, Chat, Gemini, Messages, Responses};
use serde_json::{Value, json};
use testkit::provider::{Matcher, Script};

use crate::stage::crossing::{Crossing, price, speaking};
use crate::stage::merged;
use crate::stage::question::{DIALECTS, Question};

const SHARED: &str = "claude-shared-4-5";

/// A crossing with one model on one channel for each of these dialects; their ids.
async fn shared(
    channels: &[(Dialect, Value)],
) -> anyhow::Result<(Crossing, Vec<(Dialect, String)>)> {
    let crossing = Crossing::set().await?;
    crossing.price(SHARED, price()).await?;
    let mut ids = Vec::new();
    for (dialect, fields) in channels {
        let channel = merged(speaking(*dialect, &[SHARED]), fields.clone());
        ids.push((*dialect, crossing.channel_with(channel).await?));
    }
    Ok((crossing, ids))
}

/// Asks, and returns the call, which must be billed by what its last channel counted.
async fn asked(
    crossing: &Crossing,
    from: Dialect,
    to: Dialect,
    stream: bool,
) -> anyhow::Result<Value> {
    let question = Question::to(SHARED).stream(stream);
    let answer = question.ask(&crossing.caller(from)?, from).await?;
    ensure!(answer.text.contains("one two three"), "{answer:?}");
    crossing.billed(&answer.id, from, to).await?;
    crossing.call(&answer.id).await
}

#[tokio::test]
async fn of_equals_the_one_that_speaks_the_callers_dialect() -> anyhow::Result<()> {
    let (crossing, ids) = shared(&DIALECTS.map(|dialect| (dialect, json!({})))).await?;
    for round in 0..5 {
        for (from, id) in &ids {
            let call = asked(&crossing, *from, *from, round % 2 == 0).await?;
            ensure!(call["channel_id"] == id.as_str(), "{call}");
        }
    }
    crossing.audit().await
}

/// Weight does not outweigh it, priority does.
#[tokio::test]
async fn priority_comes_first() -> anyhow::Result<()> {
    let heavy = (Chat, json!({"weight": 1000}));
    let (crossing, ids) = shared(&[heavy, (Messages, json!({"weight": 1}))]).await?;
    for _ in 0..5 {
        asked(&crossing, Messages, Messages, false).await?;
    }
    let (_, chat) = ids.first().context("no channel")?;
    let path = format!("/api/v1/channels/{chat}");
    crossing.management.patch(&path, &json!({"priority": 1})).await?.success()?;
    for stream in [false, true] {
        let call = asked(&crossing, Messages, Chat, stream).await?;
        ensure!(call["channel_id"] == chat.as_str(), "{call}");
    }
    crossing.audit().await
}

/// A channel that speaks several is asked in the caller's; one that does not in its first.
#[tokio::test]
async fn a_channel_of_several_dialects() -> anyhow::Result<()> {
    let several = json!({"dialects": ["gemini", "messages"], "provider": "tollkeeper"});
    // This provider asks for the secret in each dialect's own way, as a gateway would not need.
    let (crossing, _) = shared(&[(Gemini, several)]).await?;
    for (from, to) in [(Gemini, Gemini), (Messages, Messages), (Chat, Gemini), (Responses, Gemini)]
    {
        for stream in [false, true] {
            asked(&crossing, from, to, stream).await?;
        }
    }
    crossing.audit().await
}

/// From a channel of the caller's dialect to one that is translated to, and the other way round;
/// when the first is well again, it serves again.
#[tokio::test]
async fn fail_over_between_dialects() -> anyhow::Result<()> {
    for (from, first, second) in [
        (Messages, Messages, Chat),
        (Messages, Chat, Messages),
        (Chat, Chat, Gemini),
        (Responses, Messages, Responses),
        (Gemini, Responses, Chat),
    ] {
        let channels = [(first, json!({"priority": 1})), (second, json!({}))];
        let (crossing, ids) = shared(&channels).await?;
        let [(_, preferred), (_, other)] = ids.as_slice() else { anyhow::bail!("two channels") };
        for (stream, failure) in [
            (false, json!({"error": {"status": 500}})),
            (true, json!({"error": {"status": 503}})),
            (true, json!({"cut": {"at": "before_head"}})),
        ] {
            let script: Script = serde_json::from_value(failure)?;
            crossing.provider.script(Matcher::dialect(first.name()), script);
            let call = asked(&crossing, from, second, stream).await?;
            ensure!(call["channel_id"] == other.as_str(), "{call}");
            let tried: Vec<&Value> = call["attempts"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|attempt| &attempt["channel_id"])
                .collect();
            ensure!(tried == [preferred.as_str(), other.as_str()], "{call}");
            crossing.provider.clear_scripts();
            let call = asked(&crossing, from, first, stream).await?;
            ensure!(call["channel_id"] == preferred.as_str(), "{call}");
        }
        crossing.audit().await?;
    }
    Ok(())
}

/// What only one dialect can express goes to a channel that can, or is refused by name.
#[tokio::test]
async fn what_a_dialect_cannot_express_goes_elsewhere() -> anyhow::Result<()> {
    let channels = [(Messages, json!({"priority": 1})), (Chat, json!({}))];
    let (crossing, _) = shared(&channels).await?;
    let client = crossing.caller(Chat)?;
    let mut body = Question::to(SHARED).body(Chat);
    body["n"] = json!(2);
    let answer = client.post_json("/v1/chat/completions", &body).await?.success()?;
    ensure!(answer.json()?["choices"][1].is_object(), "{}", answer.text());
    crossing.billed(answer.header("x-request-id").context("no id")?, Chat, Chat).await?;

    body["model"] = json!(crate::stage::crossing::model(Messages));
    let refused = client.post_json("/v1/chat/completions", &body).await?;
    ensure!(refused.status == 400, "{}", refused.text());
    ensure!(refused.json()?["error"]["param"] == "n", "{}", refused.text());
    crossing.audit().await
}

/// What a channel's dialect has no word for is left out, and said so.
#[tokio::test]
async fn what_is_dropped_is_told() -> anyhow::Result<()> {
    let crossing = Crossing::set().await?;
    let mut body = Question::to(crate::stage::crossing::model(Messages)).body(Chat);
    body["seed"] = json!(7);
    body["logit_bias"] = json!({"50256": -100});
    let client = crossing.caller(Chat)?;
    for stream in [false, true] {
        body["stream"] = json!(stream);
        let answer = client.post_json("/v1/chat/completions", &body).await?.success()?;
        let dropped = answer.header("x-tollkeeper-dropped").context("nothing is told")?;
        ensure!(dropped.contains("seed") && dropped.contains("logit_bias"), "{dropped}");
        ensure!(crossing.last_seen()?.json().get("seed").is_none());
    }
    let unknown = merged(body, json!({"x_field_of_tomorrow": {"a": [1]}}));
    let answer = client.post_json("/v1/chat/completions", &unknown).await?;
    ensure!(answer.status == 200, "{}", answer.text());
    let dropped = answer.header("x-tollkeeper-dropped").unwrap_or_default();
    ensure!(dropped.contains("x_field_of_tomorrow"), "{dropped}");
    crossing.calls_when(3).await?;
    crossing.audit().await
}
