//! Upstreams that say themselves that they fail, or that they will not go on.

use anyhow::{Context, ensure};
use domain::dialect::Dialect::{Chat, Gemini, Messages, Responses};
use domain::usage::Usage;
use serde_json::{Value, json};
use testkit::world::UPSTREAM_SECRET;

use super::{Bill, OUTPUT, Pair, of_each_pair};
use crate::stage::crossing::{Crossing, cost_of, model};
use crate::stage::events::error_code;
use crate::stage::nanos;

mod amid_the_answer {
    use super::*;

    of_each_pair!(super::told_once);
}

mod before_the_answer {
    use super::*;

    of_each_pair!(super::free);
}

mod with_the_secret {
    use super::*;

    of_each_pair!(super::secret_kept);
}

/// An error event amid the answer: the caller is told once, in the upstream's words.
async fn told_once(pair: &Pair) -> anyhow::Result<()> {
    let event = json!({"after_chunks": 5, "message": "The model is overloaded."});
    let script = json!({"output_tokens": OUTPUT, "error_event_mid_stream": event});
    let ended = pair.stream(script).await?;
    let failed = |data: &Value| {
        data["type"] == "response.failed" || data.get("error").is_some_and(|e| !e.is_null())
    };
    let errors: Vec<Value> = ended.events.iter().map(|event| event.json()).filter(failed).collect();
    let [error] = errors.as_slice() else { anyhow::bail!("one error is told once: {errors:?}") };
    ensure!(error.to_string().contains("The model is overloaded."), "{error}");
    let words = pair.words(&ended.events);
    ensure!(!words.is_empty(), "nothing was delivered: {:?}", ended.events);
    let bill = match pair.to {
        Chat | Responses => Bill::Estimated,
        Messages => Bill::InputSeen,
        Gemini => Bill::Seen(5),
    };
    pair.charged(&ended.id, bill, &words).await
}

/// An error event before anything was said costs nothing, whatever of the input was told.
async fn free(pair: &Pair) -> anyhow::Result<()> {
    let script = json!({"output_tokens": OUTPUT, "error_event_mid_stream": {"after_chunks": 0}});
    let ended = pair.stream(script).await?;
    ensure!(pair.words(&ended.events).is_empty(), "{:?}", ended.events);
    pair.charged(&ended.id, Bill::Nothing, "").await
}

/// An upstream that repeats the channel's secret as it fails does not give it away.
async fn secret_kept(pair: &Pair) -> anyhow::Result<()> {
    let message = format!("Incorrect API key provided: {UPSTREAM_SECRET}.");
    for after_chunks in [0, 5] {
        let event = json!({"after_chunks": after_chunks, "message": message});
        let script = json!({"output_tokens": OUTPUT, "error_event_mid_stream": event});
        let ended = pair.stream(script).await?;
        let said = format!("{:?}", ended.events);
        ensure!(!said.contains(UPSTREAM_SECRET), "{said}");
        let last = ended.events.last().context("no event")?;
        let code = error_code(pair.from, last);
        ensure!(code.as_deref() == Some("upstream_failed"), "{last:?}");
    }
    Ok(())
}

/// A response that failed in the end used what it used.
#[tokio::test]
async fn a_response_that_failed_is_charged_what_it_used() -> anyhow::Result<()> {
    for from in [Responses, Messages] {
        let pair = Pair { crossing: Crossing::set().await?, from, to: Responses };
        let script = json!({"output_tokens": OUTPUT, "finish": "failed"});
        let ended = pair.stream(script).await?;
        let last = ended.events.last().context("no event")?;
        ensure!(last.data.contains("The model failed to answer."), "{last:?}");
        let call = pair.crossing.call(&ended.id).await?;
        let usage: Usage = serde_json::from_value(call["usage"].clone())?;
        ensure!(usage == pair.truth()?, "{call}");
        ensure!(nanos(&call["cost"]) == cost_of(&usage), "{call}");
        ensure!(call["outcome"] == "upstream_cut", "{call}");

        let question = pair.question(false);
        let (path, body) = (question.path(from), question.body(from));
        let answer = pair.crossing.caller(from)?.post_json(&path, &body).await?;
        ensure!(answer.text().contains("The model failed to answer."), "{}", answer.text());
        let call = pair.crossing.call(answer.header("x-request-id").context("no id")?).await?;
        ensure!(nanos(&call["cost"]) == cost_of(&pair.truth()?), "{call}");
        pair.crossing.audit().await?;
    }
    Ok(())
}

/// What was withheld by a filter is complete: the bill is exact.
#[tokio::test]
async fn a_filtered_answer_is_billed_exactly() -> anyhow::Result<()> {
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
        let pair = Pair { crossing: Crossing::set().await?, from, to };
        let script = json!({"output_tokens": OUTPUT, "finish": "content_filter"});
        let ended = pair.stream(script).await?;
        ensure!(ended.in_order, "{:?}", ended.events);
        let said: String = ended.events.iter().map(|event| event.data.as_str()).collect();
        let reason = match from {
            Chat => "\"content_filter\"",
            Responses => "\"incomplete_details\":{\"reason\":\"content_filter\"}",
            Messages => "\"refusal\"",
            Gemini => "\"SAFETY\"",
        };
        ensure!(said.contains(reason), "{} on {}: {said}", from.name(), to.name());
        pair.charged(&ended.id, Bill::Exact, "").await?;
        pair.crossing.audit().await?;
    }
    Ok(())
}

/// Gemini refuses a prompt with status 200, no candidate, and a count of the input.
#[tokio::test]
async fn a_blocked_prompt_costs_its_input() -> anyhow::Result<()> {
    let chunk = json!({
        "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
        "usageMetadata": {"promptTokenCount": 6, "totalTokenCount": 6},
        "modelVersion": model(Gemini),
    });
    for from in [Gemini, Chat, Messages, Responses] {
        let pair = Pair { crossing: Crossing::set().await?, from, to: Gemini };
        let events = format!("data: {chunk}\n\n");
        let head = json!({"content-type": "text/event-stream"});
        let script = json!({"error": {"status": 200, "body": events, "headers": head}});
        let ended = pair.stream(script).await?;
        ensure!(!ended.events.is_empty(), "{} is told nothing", from.name());
        let call = pair.crossing.call(&ended.id).await?;
        let expected = Usage { input: 6, ..Usage::default() };
        ensure!(call["usage"] == json!(expected), "{}: {call}", from.name());
        ensure!(nanos(&call["cost"]) == cost_of(&expected), "{call}");
        ensure!(call["usage_source"] == "upstream_final", "{call}");
        pair.crossing.audit().await?;
    }
    Ok(())
}

/// Some vendors send their errors with status 200.
#[tokio::test]
async fn an_error_body_with_status_200_costs_nothing() -> anyhow::Result<()> {
    for to in [Chat, Responses, Messages, Gemini] {
        let pair = Pair { crossing: Crossing::set().await?, from: to, to };
        let error =
            json!({"type": "error", "error": {"message": "no quota", "type": "x", "code": "y"}});
        pair.crossing.provider_does(json!({"error": {"status": 200, "body": error}}))?;
        let question = pair.question(false);
        let (path, body) = (question.path(to), question.body(to));
        let answer = pair.crossing.caller(to)?.post_json(&path, &body).await?;
        ensure!(answer.text().contains("no quota"), "{}", answer.text());
        let call = pair.crossing.call(answer.header("x-request-id").context("no id")?).await?;
        ensure!(nanos(&call["cost"]) == 0 && call["usage_source"] == "none", "{call}");
        pair.crossing.audit().await?;
    }
    Ok(())
}

/// A key that is revoked amid its answer: the last event says so, in the caller's dialect, and what
/// was delivered is charged.
#[tokio::test]
async fn a_key_revoked_amid_its_answer() -> anyhow::Result<()> {
    for (from, to) in [
        (Chat, Chat),
        (Responses, Responses),
        (Messages, Messages),
        (Gemini, Gemini),
        (Messages, Chat),
        (Responses, Messages),
    ] {
        let pair = Pair { crossing: Crossing::set().await?, from, to };
        pair.crossing.provider_does(json!({"output_tokens": 4000, "chunk_delay_ms": 20}))?;
        let question = pair.question(true);
        let (path, body) = (question.path(from), question.body(from));
        let mut stream = pair.crossing.caller(from)?.stream(&path, &body).await?;
        let mut events = Vec::new();
        while pair.words(&events).len() < 100 {
            events.push(stream.next().await?.context("the stream ended early")?);
        }
        pair.crossing.switch_key("revoke").await?;
        let (rest, _) = stream.until_end_or_break().await;
        events.extend(rest);
        let last = events.last().context("no event")?;
        let code = error_code(from, last);
        ensure!(code.as_deref() == Some("key_revoked"), "{}: {last:?}", from.name());
        let id = stream.headers.get("x-request-id").context("no id")?.to_str()?.to_owned();
        let call = pair.crossing.call(&id).await?;
        let usage: Usage = serde_json::from_value(call["usage"].clone())?;
        ensure!(nanos(&call["cost"]) == cost_of(&usage) && usage.input > 0, "{call}");
        // Words of the simulated provider have about five letters.
        let delivered = pair.words(&events).len() as u64;
        ensure!(usage.output >= delivered / 8, "{delivered} bytes were delivered: {call}");
    }
    Ok(())
}
