//! How a call can end in every dialect, and what each end costs: {client, upstream} × {before the
//! first byte, amid the answer, before the usage, after it} × {JSON, events}, for each dialect on
//! its own channel and for two that are translated.
//!
//! The policy is that of `v1/chat/completions/ends.rs`; what differs is how early a dialect tells
//! its usage. Messages tells the input at the beginning, Gemini all of it all along.

mod failures;
mod leaves;

use anyhow::{Context, bail, ensure};
use domain::dialect::Dialect::{self, Chat, Gemini, Messages, Responses};
use domain::usage::Usage;
use serde_json::{Value, json};
use testkit::client::Event;

use crate::stage::crossing::{Crossing, cost_of, model, told_by};
use crate::stage::events::{error_code, is_last, words};
use crate::stage::nanos;
use crate::stage::question::Question;

/// Runs a check for each pair of dialects in a test of its own.
macro_rules! of_each_pair {
    ($check:path) => {
        of_each_pair! { $check;
            chat: Chat on Chat;
            responses: Responses on Responses;
            messages: Messages on Messages;
            gemini: Gemini on Gemini;
            messages_on_chat: Messages on Chat;
            responses_on_messages: Responses on Messages;
        }
    };
    ($check:path; $($test:ident: $from:ident on $to:ident;)*) => {
        $(
            #[tokio::test]
            async fn $test() -> anyhow::Result<()> {
                let crossing = $crate::stage::crossing::Crossing::set().await?;
                let pair = $crate::dialects::ends::Pair { crossing, from: $from, to: $to };
                $check(&pair).await?;
                pair.crossing.audit().await
            }
        )*
    };
}
use of_each_pair;

/// Output tokens of the scripted answers.
const OUTPUT: u64 = 20;
const CUTS: [&str; 5] = ["before_head", "after_head", "mid_stream", "before_usage", "after_usage"];

/// What a call must be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bill {
    /// Nothing: the call is listed as failed.
    Nothing,
    /// What was delivered, counted by the gateway.
    Estimated,
    /// The same; all of it had come, and the upstream had said so.
    EstimatedWhole,
    /// The input as the upstream told it, and what was delivered, counted by the gateway.
    InputSeen,
    /// What the upstream had told by then: the input, and so many tokens of output.
    Seen(u64),
    /// What the upstream's final usage says.
    Exact,
}

/// The policy for streams that break off.
fn policy(to: Dialect, at: &str) -> Bill {
    match (at, to) {
        ("before_head" | "after_head", _) => Bill::Nothing,
        ("after_usage", _) => Bill::Exact,
        // Chat tells its usage after its end.
        ("before_usage", Chat) => Bill::EstimatedWhole,
        (_, Chat | Responses) => Bill::Estimated,
        (_, Messages) => Bill::InputSeen,
        ("mid_stream", Gemini) => Bill::Seen(OUTPUT / 2),
        (_, Gemini) => Bill::Seen(OUTPUT),
    }
}

struct Pair {
    crossing: Crossing,
    from: Dialect,
    to: Dialect,
}

/// A stream that ended in whatever way.
struct Ended {
    id: String,
    events: Vec<Event>,
    /// Whether the body ended in order.
    in_order: bool,
}

impl Pair {
    fn question(&self, stream: bool) -> Question {
        Question::to(model(self.to)).stream(stream)
    }

    /// Asks for a stream and takes what comes.
    async fn stream(&self, script: Value) -> anyhow::Result<Ended> {
        self.crossing.provider_does(script)?;
        let question = self.question(true);
        let (path, body) = (question.path(self.from), question.body(self.from));
        let mut stream = self.crossing.caller(self.from)?.stream(&path, &body).await?;
        let (events, in_order) = stream.until_end_or_break().await;
        let id = stream.headers.get("x-request-id").context("no x-request-id")?;
        Ok(Ended { id: id.to_str()?.to_owned(), events, in_order })
    }

    /// Asks for a whole answer, which breaks off: returns the call's id.
    async fn broken_json(&self, script: Value) -> anyhow::Result<String> {
        self.crossing.provider_does(script)?;
        let question = self.question(false);
        let (path, body) = (question.path(self.from), question.body(self.from));
        let answer = self.crossing.caller(self.from)?.post_json(&path, &body).await?;
        ensure!(answer.status == 502, "{}: {}", answer.status, answer.text());
        let event = Event { name: String::new(), data: answer.text() };
        let code = error_code(self.from, &event);
        ensure!(code.as_deref() == Some("upstream_failed"), "{}", answer.text());
        Ok(answer.header("x-request-id").context("no x-request-id")?.to_owned())
    }

    /// The text that events add up to.
    fn words(&self, events: &[Event]) -> String {
        events.iter().filter_map(|event| words(self.from, event)).collect()
    }

    /// Whether a call is charged as it must be, having delivered these words.
    async fn charged(&self, id: &str, bill: Bill, delivered: &str) -> anyhow::Result<()> {
        let call = self.crossing.call(id).await?;
        let usage: Usage = serde_json::from_value(call["usage"].clone())?;
        ensure!(nanos(&call["cost"]) == cost_of(&usage), "{call}");
        ensure!(call["dialect"] == self.from.name(), "{call}");
        ensure!(call["upstream_dialect"] == self.to.name(), "{call}");
        let (source, outcome) = match bill {
            Bill::Nothing => ("none", "failed"),
            Bill::Estimated => ("estimated", "upstream_cut"),
            Bill::EstimatedWhole => ("estimated", "completed"),
            Bill::InputSeen | Bill::Seen(_) => ("upstream_partial", "upstream_cut"),
            Bill::Exact => ("upstream_final", "completed"),
        };
        ensure!(call["usage_source"] == source && call["outcome"] == outcome, "{bill:?}: {call}");
        let truth = self.truth()?;
        let right = match bill {
            Bill::Nothing => usage == Usage::default() && call["counted"] == false,
            Bill::Estimated | Bill::EstimatedWhole => {
                usage.input > 0 && usage.output == estimated(delivered)
            }
            Bill::InputSeen => usage == Usage { output: estimated(delivered), ..truth },
            Bill::Seen(output) => usage == Usage { output, ..truth },
            Bill::Exact => usage == truth,
        };
        ensure!(right, "{bill:?} of {truth:?}, delivered {delivered:?}: {call}");
        Ok(())
    }

    /// What the provider counted for the last call, or would have if it had told.
    fn truth(&self) -> anyhow::Result<Usage> {
        let books = self.crossing.books()?;
        let last = books.requests.values().next_back().context("the books are empty")?;
        let input = last.entries.first().context("no entry")?.usage.input;
        Ok(told_by(self.to, Usage { input, output: OUTPUT, ..Usage::default() }))
    }
}

mod upstream_cuts {
    use super::*;

    of_each_pair!(super::every_cut);
}

/// The upstream breaks off, at every place, in both forms; what went wrong is told together.
async fn every_cut(pair: &Pair) -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    for at in CUTS {
        let script = json!({"output_tokens": OUTPUT, "cut": {"at": at}});
        wrong.extend(cut_events(pair, at, script.clone()).await.err().map(|e| (at, "events", e)));
        wrong.extend(cut_json(pair, script).await.err().map(|e| (at, "JSON", e)));
    }
    let wrong: Vec<String> =
        wrong.iter().map(|(at, form, error)| format!("{form} {at}: {error:#}")).collect();
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n\n"));
    }
    Ok(())
}

async fn cut_events(pair: &Pair, at: &str, script: Value) -> anyhow::Result<()> {
    let bill = policy(pair.to, at);
    let ended = pair.stream(script).await?;
    let words = pair.words(&ended.events);
    pair.charged(&ended.id, bill, &words).await?;
    if matches!(bill, Bill::Exact | Bill::EstimatedWhole) {
        let error = ended.events.iter().find(|event| error_code(pair.from, event).is_some());
        return error.map_or(Ok(()), |error| bail!("a complete answer ends in {error:?}"));
    }
    let last = ended.events.last();
    let last = match (at, last) {
        // No stream was begun: the refusal is plain JSON.
        ("before_head", None) => return Ok(()),
        (_, last) => last.context("no event")?,
    };
    let code = error_code(pair.from, last);
    ensure!(code.as_deref() == Some("upstream_failed"), "the last event is {last:?}");
    let whole = ended.events.iter().any(|event| is_last(pair.from, event));
    ensure!(!whole, "a cut answer ends like a whole one: {:?}", ended.events);
    Ok(())
}

async fn cut_json(pair: &Pair, script: Value) -> anyhow::Result<()> {
    let id = pair.broken_json(script).await?;
    pair.charged(&id, Bill::Nothing, "").await
}

/// Four bytes of ASCII to a token, three of anything else.
fn estimated(text: &str) -> u64 {
    let other = text.bytes().filter(|byte| !byte.is_ascii()).count();
    ((text.len() - other).div_ceil(4) + other.div_ceil(3)) as u64
}
