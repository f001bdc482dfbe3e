//! A call to a model: read it, find its script, refuse it or plan the answer, and start that.

use std::io;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Response};
use http_body_util::BodyExt;
use serde_json::Value;

use super::answer::{self, Answer};
use super::books::{Entry, State};
use super::connection::Orders;
use super::credentials::text;
use super::dialect::Dialect;
use super::gemini;
use super::messages::Head;
use super::node::Node;
use super::plan::{Asked, Counts};
use super::playback::{Page, ScriptedBody, cut_before_head};
use super::refusal::Refusal;
use super::reply::{Reply, Stamp};
use super::responses;
use super::script::{CutAt, Script};
use super::server::House;
use super::steps::{self, Step};

/// What a call came with, besides its body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Envelope<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) secret: Option<&'a str>,
}

/// Answers a call; refusals of what cannot be read or is not allowed are not booked.
pub(super) async fn answer(
    house: &House,
    orders: &Arc<Orders>,
    dialect: &Dialect,
    envelope: Envelope<'_>,
    body: &[u8],
) -> io::Result<Answer> {
    match prepare(house, dialect, envelope, body) {
        Ok((asked, script)) => play(house, orders, dialect, envelope, asked, script).await,
        Err(refusal) => Ok(answer::refusal(&refusal, dialect.family())),
    }
}

fn prepare(
    house: &House,
    dialect: &Dialect,
    envelope: Envelope<'_>,
    body: &[u8],
) -> Result<(Asked, Script), Refusal> {
    let body = parse(dialect, body)?;
    let history = history(house, dialect, &body)?;
    let head = message_head(envelope.headers);
    let refusal = |fault| Refusal::of(fault, dialect.family());
    let mut checked = None;
    if dialect.is_strict() {
        // Refused further down: the script may say not to be strict.
        checked = Some(dialect.check(&Node::root(&body), &head, &history).map_err(refusal));
    }
    let unreadable = |message: String| match &checked {
        Some(Err(refusal)) => refusal.clone(),
        _ => Refusal::new(400, message),
    };
    let mut asked = dialect.read(body, history).map_err(unreadable)?;
    if let Some(call) = text(envelope.headers, "x-tollkeeper-call") {
        asked.call = Some(call.to_owned());
    }
    if let Some(script) = text(envelope.headers, "x-simulate") {
        let script = serde_json::from_str(script)
            .map_err(|error| Refusal::new(400, format!("x-simulate: {error}")))?;
        asked.script = Some(script);
    }
    let script = house.script_for(&asked, envelope.secret);
    if script.strict.or(house.strict()).unwrap_or(dialect.is_strict()) {
        let late = || dialect.check(&Node::root(&asked.body), &head, &[]).map_err(refusal);
        checked.unwrap_or_else(late)?;
    }
    Ok((asked, script))
}

fn parse(dialect: &Dialect, body: &[u8]) -> Result<Value, Refusal> {
    let body = serde_json::from_slice(body)
        .map_err(|error| Refusal::new(400, format!("not valid JSON: {error}")))?;
    Ok(match dialect {
        Dialect::Gemini(_) | Dialect::GeminiEmbeddings { .. } => gemini::camel(body),
        _ => body,
    })
}

/// What `previous_response_id` stands for.
fn history(house: &House, dialect: &Dialect, body: &Value) -> Result<Vec<Value>, Refusal> {
    let id = body.get("previous_response_id").and_then(Value::as_str);
    let Some(id) = id.filter(|_| *dialect == Dialect::Responses) else {
        return Ok(Vec::new());
    };
    let kept = house.shelf().conversation(id).map(<[Value]>::to_vec);
    kept.ok_or_else(|| responses::not_found(id, "previous_response_id"))
}

pub(super) fn message_head(headers: &HeaderMap) -> Head<'_> {
    Head {
        version: text(headers, "anthropic-version"),
        betas: text(headers, "anthropic-beta").unwrap_or_default(),
    }
}

async fn play(
    house: &House,
    orders: &Arc<Orders>,
    dialect: &Dialect,
    envelope: Envelope<'_>,
    asked: Asked,
    script: Script,
) -> io::Result<Answer> {
    let plan = dialect.plan(&asked, &script);
    let request = house.ledger().next_request();
    let before = before_output(plan.counts);
    let mut page = Page::open(
        Arc::clone(house.ledger()),
        Entry {
            request,
            state: State::Received,
            call: asked.call.clone(),
            request_id: text(envelope.headers, "x-request-id").map(str::to_owned),
            dialect: asked.dialect.to_owned(),
            model: asked.model.clone(),
            stream: asked.stream,
            tokens: before.tokens,
            usage: before.usage,
            reported: None,
        },
    )?;
    if script.hang {
        std::future::pending::<()>().await;
    }
    if script.delay_ms > 0 {
        tokio::time::sleep(script.delay()).await;
    }
    if let Some(scripted) = &script.error {
        page.note(State::Failed)?;
        return Ok(answer::error(scripted, dialect.family()));
    }
    if script.reject_include_usage && asked.has_stream_options {
        page.note(State::Failed)?;
        let message = "Unrecognized request argument supplied: stream_options";
        return Ok(answer::refusal(&Refusal::new(400, message), dialect.family()));
    }
    if let Some(cut) = script.cut.as_ref().filter(|cut| cut.at == CutAt::BeforeHead) {
        match cut_before_head(&mut page, orders, cut.ending).await? {}
    }
    let stamp = Stamp { request, created: unix_seconds() };
    let reply = Reply { asked: &asked, plan: &plan, script: &script, stamp };
    if *dialect == Dialect::Responses && asked.body.get("store") != Some(&Value::Bool(false)) {
        house.shelf().keep(responses::finished(&reply), &asked.items);
    }
    let whole = dialect.steps(&reply);
    let length: usize = whole.iter().map(Step::length).sum();
    let steps = broken_off(dialect, whole, &reply);
    let body = ScriptedBody::new(steps, page, Arc::clone(orders), plan.counts, script.split_bytes);
    let events = asked.stream && !asked.json_array;
    let kind = if events { "text/event-stream; charset=utf-8" } else { "application/json" };
    let id = format!("req_sim_{request:08}");
    let mut response = Response::builder().header(CONTENT_TYPE, kind).header("x-request-id", &id);
    if *dialect == Dialect::Messages {
        response = response.header("request-id", &id);
    }
    if !asked.stream {
        response = response.header(CONTENT_LENGTH, length);
    }
    response.body(body.boxed_unsync()).map_err(io::Error::other)
}

/// The counts while nothing is said yet.
fn before_output(mut counts: Counts) -> Counts {
    (counts.tokens.completion, counts.tokens.reasoning) = (0, 0);
    (counts.usage.output, counts.usage.reasoning) = (0, 0);
    counts
}

/// The steps as far as the script lets them come.
fn broken_off(dialect: &Dialect, whole: Vec<Step>, reply: &Reply<'_>) -> Vec<Step> {
    match (&reply.script.cut, &reply.script.error_event_mid_stream) {
        (Some(cut), _) => steps::cut(whole, cut),
        (None, Some(event)) if reply.asked.stream => {
            let message = event.message.as_deref().unwrap_or("The model is overloaded.");
            steps::fail(whole, event.after_chunks, |events| {
                dialect.error_event(reply, message, events)
            })
        }
        _ => whole,
    }
}

fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
