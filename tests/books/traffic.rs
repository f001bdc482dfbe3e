//! Calls as clients make them, and what they saw: the receipts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use testkit::client::{Client, EventStream, Response};
use testkit::provider::{Cut, CutAt, Script, TokenCounts};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::chance::Chance;

/// A call to be made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    /// Its name: in the provider's books by the field `user`, in the gateway's by the user agent.
    pub(crate) name: String,
    /// Which of the keys makes it.
    pub(crate) lane: usize,
    pub(crate) body: Value,
    pub(crate) begin_after: Duration,
    /// The client leaves after so long.
    pub(crate) leave_after: Option<Duration>,
}

/// What the client saw of a call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Receipt {
    pub(crate) name: String,
    pub(crate) lane: usize,
    /// The answer's `x-request-id`, once its head came.
    pub(crate) id: Option<String>,
    pub(crate) status: Option<u16>,
    /// The refusal's code, if it was one.
    pub(crate) code: Option<String>,
    /// The terminal bytes came: `[DONE]`, or the JSON body's last.
    pub(crate) complete: bool,
    /// The usage that the client was shown.
    pub(crate) usage: Option<TokenCounts>,
}

/// Kills a process the moment a client has the terminal bytes of one of the answers, or one of the
/// events before them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trap {
    process: u32,
    answers: Arc<AtomicUsize>,
    events: Arc<AtomicUsize>,
}

impl Trap {
    /// A trap that never snaps.
    pub(crate) fn never() -> Self {
        Self::default()
    }

    /// A trap that snaps at the `nth` complete answer.
    pub(crate) fn at_answer(nth: usize, process: u32) -> Self {
        Self { process, answers: Arc::new(AtomicUsize::new(nth)), ..Self::default() }
    }

    /// A trap that snaps at the `nth` event of all streams.
    pub(crate) fn at_event(nth: usize, process: u32) -> Self {
        Self { process, events: Arc::new(AtomicUsize::new(nth)), ..Self::default() }
    }

    fn count(&self, left: &AtomicUsize) {
        let before =
            left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1));
        if before == Ok(1) {
            kill(self.process, Signal::KILL);
        }
    }
}

/// Sends a signal; a process that is gone gets none.
pub(crate) fn kill(process: u32, signal: Signal) {
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        let _gone_already = kill_process(process, signal);
    }
}

/// Makes a call and notes what comes of it.
pub(crate) async fn make(client: Client, order: Order, trap: Trap) -> Receipt {
    let mut receipt = Receipt { name: order.name.clone(), lane: order.lane, ..Receipt::default() };
    let begin = Instant::now() + order.begin_after;
    sleep_until(begin).await;
    let patience = order.leave_after.unwrap_or(Duration::from_secs(120));
    let Ok(client) = client.header("user-agent", &order.name) else { return receipt };
    let path = "/v1/chat/completions";
    if order.body.get("stream").and_then(Value::as_bool) == Some(true) {
        let seen = async {
            if let Ok(stream) = client.stream(path, &order.body).await {
                read_stream(stream, &mut receipt, &trap).await;
            }
        };
        let _left = timeout_at(begin + patience, seen).await;
    } else if let Ok(Ok(answer)) =
        timeout_at(begin + patience, client.post_json(path, &order.body)).await
    {
        read_json(&answer, &mut receipt, &trap);
    }
    receipt
}

async fn read_stream(mut stream: EventStream, receipt: &mut Receipt, trap: &Trap) {
    receipt.status = Some(stream.status.as_u16());
    receipt.id =
        stream.headers.get("x-request-id").and_then(|id| Some(id.to_str().ok()?.to_owned()));
    while let Ok(Some(event)) = stream.next().await {
        if event.data == "[DONE]" {
            receipt.complete = true;
            trap.count(&trap.answers);
            continue;
        }
        trap.count(&trap.events);
        receipt.usage = usage(&event.json()).or(receipt.usage);
    }
    if receipt.status != Some(200) {
        receipt.code =
            serde_json::from_slice::<Value>(&stream.received).ok().as_ref().and_then(code);
    }
}

fn read_json(answer: &Response, receipt: &mut Receipt, trap: &Trap) {
    receipt.complete = answer.status == 200;
    if receipt.complete {
        trap.count(&trap.answers);
    }
    receipt.status = Some(answer.status.as_u16());
    receipt.id = answer.header("x-request-id").map(str::to_owned);
    receipt.code = answer.code();
    receipt.usage = answer.json().ok().as_ref().and_then(usage);
}

fn code(answer: &Value) -> Option<String> {
    Some(answer.pointer("/error/code")?.as_str()?.to_owned())
}

fn usage(answer: &Value) -> Option<TokenCounts> {
    let count = |path: &str| answer.pointer(path).and_then(Value::as_u64);
    Some(TokenCounts {
        prompt: count("/usage/prompt_tokens")?,
        cached: count("/usage/prompt_tokens_details/cached_tokens")?,
        completion: count("/usage/completion_tokens")?,
        reasoning: count("/usage/completion_tokens_details/reasoning_tokens")?,
    })
}

/// Output tokens that each call asks for at most.
const MAX_TOKENS: u64 = 400;

/// A call of any kind: JSON or a stream, short or long, some cut by the provider, some abandoned.
pub(crate) fn any_order(chance: &mut Chance, name: String, lane: usize, model: &str) -> Order {
    let stream = !chance.one_in(3);
    let words = chance.pick(&[1, 10, 100, 2_000]);
    let mut script = Script {
        output_tokens: Some(chance.pick(&[1, 5, 40, 150])),
        cached_tokens: chance.one_in(3).then(|| chance.below(words + 1)),
        reasoning_tokens: chance.one_in(4).then(|| chance.below(30)),
        delay_ms: chance.pick(&[0, 0, 3, 30]),
        chunk_delay_ms: chance.pick(&[0, 0, 1, 4]),
        pad_bytes: usize::try_from(chance.pick(&[0, 0, 20, 2_000])).unwrap_or_default(),
        split_bytes: chance.one_in(8).then_some(61),
        ..Script::default()
    };
    if chance.one_in(6) {
        let places = [CutAt::MidStream, CutAt::BeforeUsage, CutAt::AfterUsage, CutAt::AfterHead];
        script.cut =
            places.get(usize::try_from(chance.below(4)).unwrap_or_default()).copied().map(Cut::at);
    }
    let leave_after = chance.one_in(5).then(|| chance.up_to(120));
    let mut body = json!({
        "model": model,
        "user": name,
        "stream": stream,
        "max_completion_tokens": MAX_TOKENS,
        "n": if chance.one_in(6) { 2 } else { 1 },
        "messages": [{"role": "user", "content": "word ".repeat(usize::try_from(words).unwrap_or(1))}],
        "metadata": {"simulate": script},
    });
    if stream
        && chance.one_in(2)
        && let Some(body) = body.as_object_mut()
    {
        body.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    Order { name, lane, body, begin_after: chance.up_to(60), leave_after }
}
