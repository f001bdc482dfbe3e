//! Receives requests, checks the secret, finds the script, and starts the answer.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::books::{Entry, Ledger, State, TokenCounts, Totals};
use super::chat::Stamp;
use super::connection::{Orders, ScriptedSocket};
use super::dialect::Dialect;
use super::plan::{Asked, Plan};
use super::playback::{Page, ScriptedBody, cut_before_head};
use super::rules::Rules;
use super::script::{CutAt, ErrorReply, Matcher, Script};
use super::seen::{Memory, SeenRequest};
use super::steps::{self, Step};
use super::{ProviderConfig, control, error};

type Answer = Response<UnsyncBoxBody<Bytes, io::Error>>;

/// What all connections share.
#[derive(Debug)]
pub(super) struct House {
    config: ProviderConfig,
    ledger: Arc<Ledger>,
    rules: Mutex<Rules>,
    memory: Mutex<Memory>,
}

impl House {
    pub(super) fn open(config: ProviderConfig) -> anyhow::Result<Self> {
        Ok(Self {
            ledger: Arc::new(Ledger::open(config.books.as_deref().map(Path::new))?),
            rules: Mutex::default(),
            memory: Mutex::new(Memory::of(config.keep_seen)),
            config,
        })
    }

    pub(super) fn add_rule(&self, matcher: Matcher, script: Script) {
        lock(&self.rules).add(matcher, script);
    }

    pub(super) fn clear_rules(&self) {
        lock(&self.rules).clear();
    }

    pub(super) fn seen(&self) -> Vec<SeenRequest> {
        lock(&self.memory).all()
    }

    pub(super) fn totals(&self) -> Totals {
        self.ledger.totals()
    }
}

/// Accepts connections until the task is cancelled, which closes them all.
pub(super) async fn serve(listener: TcpListener, house: Arc<House>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A connection that failed before it was ours is its client's affair.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, Arc::clone(&house)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, house: Arc<House>) {
    // Small writes must leave at once to be small on the other side; without it only slower.
    let _still_works = stream.set_nodelay(true);
    let orders = Arc::new(Orders::default());
    let socket = TokioIo::new(ScriptedSocket::new(stream, Arc::clone(&orders)));
    let service = service_fn(move |request| {
        let (house, orders) = (Arc::clone(&house), Arc::clone(&orders));
        async move { answer(&house, &orders, request).await }
    });
    // Connections end in errors by script or by the client's leaving; the books know which.
    let _ended = hyper::server::conn::http1::Builder::new().serve_connection(socket, service).await;
}

async fn answer(
    house: &House,
    orders: &Arc<Orders>,
    request: Request<Incoming>,
) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let path = head.uri.path();
    if let Some((status, body)) = control::answer(house, &head.method, path, &body) {
        return Ok(json_answer(status, &body));
    }
    lock(&house.memory).keep(SeenRequest {
        method: head.method.clone(),
        path: head.uri.to_string(),
        headers: head.headers.clone(),
        body: body.clone(),
    });
    let secret = bearer(&head.headers);
    let secrets = &house.config.secrets;
    if !secrets.is_empty() && !secrets.iter().any(|known| Some(known.as_str()) == secret) {
        return Ok(refusal(401, "Incorrect API key provided."));
    }
    if head.method == http::Method::GET && path == "/v1/models" {
        return Ok(json_answer(200, &model_list(&house.config.models)));
    }
    let Some(dialect) = Dialect::of_route(&head.method, path) else {
        return Ok(refusal(404, &format!("Unknown route: {} {path}", head.method)));
    };
    match read(dialect, &head.headers, &body) {
        Ok(asked) => model_call(house, orders, dialect, &head.headers, asked).await,
        Err(message) => Ok(refusal(400, &message)),
    }
}

/// The request in no dialect's words; its headers may name the call and carry the script.
fn read(dialect: Dialect, headers: &HeaderMap, body: &[u8]) -> Result<Asked, String> {
    let mut asked = dialect.read(body)?;
    if let Some(call) = text(headers, "x-tollkeeper-call") {
        asked.call = Some(call.to_owned());
    }
    if let Some(script) = text(headers, "x-simulate") {
        let script =
            serde_json::from_str(script).map_err(|error| format!("x-simulate: {error}"))?;
        asked.script = Some(script);
    }
    Ok(asked)
}

async fn model_call(
    house: &House,
    orders: &Arc<Orders>,
    dialect: Dialect,
    headers: &HeaderMap,
    asked: Asked,
) -> io::Result<Answer> {
    let script = lock(&house.rules).pick(&asked, bearer(headers), &house.config.script);
    let plan = Plan::new(&asked, &script);
    let request = house.ledger.next_request();
    let mut page = Page::open(
        Arc::clone(&house.ledger),
        Entry {
            request,
            state: State::Received,
            call: asked.call.clone(),
            request_id: text(headers, "x-request-id").map(str::to_owned),
            model: asked.model.clone(),
            stream: asked.stream,
            tokens: TokenCounts { completion: 0, reasoning: 0, ..plan.tokens },
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
        return Ok(error_answer(scripted));
    }
    if script.reject_include_usage && asked.has_stream_options {
        page.note(State::Failed)?;
        return Ok(refusal(400, "Unrecognized request argument supplied: stream_options"));
    }
    if let Some(cut) = script.cut.as_ref().filter(|cut| cut.at == CutAt::BeforeHead) {
        match cut_before_head(&mut page, orders, cut.ending).await? {}
    }
    let stamp = Stamp { request, created: unix_seconds() };
    let whole = dialect.steps(&asked, &plan, &script, &stamp);
    let length = (!asked.stream).then(|| body_length(&whole));
    let steps = broken_off(dialect, whole, &asked, &script);
    let body = ScriptedBody::new(steps, page, Arc::clone(orders), plan.tokens, script.split_bytes);
    let kind = if asked.stream { "text/event-stream; charset=utf-8" } else { "application/json" };
    let mut response = Response::builder()
        .header(CONTENT_TYPE, kind)
        .header("x-request-id", format!("req_sim_{request:08}"));
    if let Some(length) = length {
        response = response.header(CONTENT_LENGTH, length);
    }
    response.body(body.boxed_unsync()).map_err(io::Error::other)
}

/// The steps as far as the script lets them come.
fn broken_off(dialect: Dialect, whole: Vec<Step>, asked: &Asked, script: &Script) -> Vec<Step> {
    match (&script.cut, &script.error_event_mid_stream) {
        (Some(cut), _) => steps::cut(whole, cut),
        (None, Some(event)) if asked.stream => {
            let message = event.message.as_deref().unwrap_or("The model is overloaded.");
            steps::fail(whole, event.after_chunks, dialect.error_event(message))
        }
        _ => whole,
    }
}

fn body_length(steps: &[Step]) -> usize {
    let length = |step: &Step| match step {
        Step::Frame(bytes)
        | Step::Content { bytes, .. }
        | Step::Usage { bytes, .. }
        | Step::Finish(bytes)
        | Step::Fail(bytes) => bytes.len(),
        Step::Wait(_) | Step::Cut(_) => 0,
    };
    steps.iter().map(length).sum()
}

fn error_answer(scripted: &ErrorReply) -> Answer {
    let body = scripted.body.clone().unwrap_or_else(|| {
        error::shape(scripted.status, &format!("Simulated error {}.", scripted.status))
    });
    let mut answer = match body {
        Value::String(text) => plain_answer(scripted.status, text.into(), "text/plain"),
        body => json_answer(scripted.status, &body),
    };
    let retry_after = scripted.retry_after.iter().map(|value| (RETRY_AFTER.as_str(), value));
    let others = scripted.headers.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in retry_after.chain(others) {
        let name = http::HeaderName::try_from(name);
        if let (Ok(name), Ok(value)) = (name, http::HeaderValue::try_from(value.as_str())) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

fn refusal(status: u16, message: &str) -> Answer {
    json_answer(status, &error::shape(status, message))
}

fn json_answer(status: u16, body: &Value) -> Answer {
    plain_answer(status, body.to_string().into(), "application/json")
}

fn plain_answer(status: u16, body: Bytes, kind: &'static str) -> Answer {
    let mut answer = Response::new(Full::new(body).map_err(|never| match never {}).boxed_unsync());
    *answer.status_mut() =
        http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(kind));
    answer
}

fn model_list(models: &[String]) -> Value {
    let entry = |id: &String| json!({"id": id, "object": "model", "created": 1_735_689_600, "owned_by": "simulated"});
    json!({"object": "list", "data": models.iter().map(entry).collect::<Vec<_>>()})
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    text(headers, AUTHORIZATION.as_str())?.strip_prefix("Bearer ")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
