//! Accepts connections, receives requests, checks the secret, and finds who answers.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::answer::{self, Answer};
use super::books::Totals;
use super::call::{self, Envelope};
use super::connection::{Orders, ScriptedSocket};
use super::ledger::Ledger;
use super::node::Node;
use super::plan::Asked;
use super::refusal::{Family, Refusal};
use super::responses::{self, Shelf};
use super::route::{self, Route};
use super::rules::Rules;
use super::script::{Matcher, Script};
use super::seen::{Memory, SeenRequest};
use super::{ProviderConfig, control, credentials, gemini, messages, models};

/// What all connections share.
#[derive(Debug)]
pub(super) struct House {
    config: ProviderConfig,
    ledger: Arc<Ledger>,
    rules: Mutex<Rules>,
    memory: Mutex<Memory>,
    shelf: Mutex<Shelf>,
}

impl House {
    pub(super) fn open(config: ProviderConfig) -> anyhow::Result<Self> {
        Ok(Self {
            ledger: Arc::new(Ledger::open(config.books.as_deref().map(Path::new))?),
            rules: Mutex::default(),
            memory: Mutex::new(Memory::of(config.keep_seen)),
            shelf: Mutex::default(),
            config,
        })
    }

    pub(super) fn add_rule(&self, matcher: Matcher, script: Script) {
        lock(&self.rules).add(matcher, script);
    }

    pub(super) fn clear_rules(&self) {
        lock(&self.rules).clear();
    }

    /// The script that this request follows; its attempt is counted.
    pub(super) fn script_for(&self, asked: &Asked, secret: Option<&str>) -> Script {
        lock(&self.rules).pick(asked, secret, &self.config.script)
    }

    pub(super) fn seen(&self) -> Vec<SeenRequest> {
        lock(&self.memory).all()
    }

    pub(super) fn forget_seen(&self) {
        lock(&self.memory).clear();
    }

    pub(super) fn totals(&self) -> Totals {
        self.ledger.totals()
    }

    pub(super) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    pub(super) fn shelf(&self) -> MutexGuard<'_, Shelf> {
        lock(&self.shelf)
    }

    pub(super) fn strict(&self) -> Option<bool> {
        self.config.strict
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
    if let Some((status, body)) = control::answer(house, &head.method, head.uri.path(), &body) {
        return Ok(answer::json(status, &body));
    }
    lock(&house.memory).keep(SeenRequest {
        method: head.method.clone(),
        path: head.uri.to_string(),
        headers: head.headers.clone(),
        body: body.clone(),
    });
    let (route, family) = route::find(&head.method, &head.uri, &head.headers);
    if route == Route::Ping {
        return Ok(answer::empty(200));
    }
    let secret = credentials::secret(family, &head.headers, &head.uri);
    if let Err(refusal) = credentials::check(&house.config.secrets, secret, family) {
        return Ok(answer::refusal(&refusal, family));
    }
    if let Route::Call(dialect) = &route {
        let envelope = Envelope { headers: &head.headers, secret };
        return call::answer(house, orders, dialect, envelope, &body).await;
    }
    let head_of_messages = call::message_head(&head.headers);
    let answered = match route {
        Route::CountForMessages => count_for_messages(&head_of_messages, &body),
        Route::CountForGemini => count_for_gemini(&body),
        Route::Models => Ok(models::list(&house.config.models, family)),
        Route::Model(name) => models::one(&house.config.models, &name, family),
        Route::KeptResponse(id) => kept_response(house, &id),
        Route::ForgetResponse(id) => forget_response(house, &id),
        Route::WebSocket => Err(Refusal::new(426, "This provider speaks no WebSocket.")),
        Route::Call(_) | Route::Ping | Route::Unknown => {
            let (method, path) = (&head.method, head.uri.path());
            Err(Refusal::new(404, format!("Unknown route: {method} {path}")))
        }
    };
    Ok(match answered {
        Ok(body) => answer::json(200, &body),
        Err(refusal) => answer::refusal(&refusal, family),
    })
}

fn count_for_messages(head: &messages::Head<'_>, body: &[u8]) -> Result<Value, Refusal> {
    let body = json_body(body)?;
    messages::check_count(&Node::root(&body), head)
        .map_err(|fault| Refusal::of(fault, Family::Anthropic))?;
    let asked = messages::read(body).map_err(|message| Refusal::new(400, message))?;
    Ok(json!({"input_tokens": asked.prompt_tokens}))
}

fn count_for_gemini(body: &[u8]) -> Result<Value, Refusal> {
    let tokens = gemini::read_count(&gemini::camel(json_body(body)?));
    let details = json!([{"modality": "TEXT", "tokenCount": tokens}]);
    Ok(json!({"totalTokens": tokens, "promptTokensDetails": details}))
}

fn kept_response(house: &House, id: &str) -> Result<Value, Refusal> {
    let kept = house.shelf().response(id).cloned();
    kept.ok_or_else(|| responses::not_found(id, "id"))
}

fn forget_response(house: &House, id: &str) -> Result<Value, Refusal> {
    if house.shelf().forget(id) {
        return Ok(json!({"id": id, "object": "response", "deleted": true}));
    }
    Err(responses::not_found(id, "id"))
}

fn json_body(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::new(400, format!("not valid JSON: {error}")))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
