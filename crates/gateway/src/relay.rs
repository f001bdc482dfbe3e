//! Stage 6: the answer goes to the client byte for byte, except for its last bytes, which wait for
//! the settlement.
//!
//! One future owns a call from the first try to the settlement; the client's side only receives
//! (`carried.rs`). So a client that goes away ends nothing but its own waiting.

mod alarm;
mod body;
mod carried;
#[cfg(test)]
mod counted;
mod json;
mod pipe;
mod revocation;
mod stream;
mod work;

pub(crate) use body::Outlet;
pub use body::RelayBody;
pub(crate) use carried::Carried;
pub(crate) use work::Work;

use bytes::Bytes;
use domain::refusal::{Refusal, RefusalCode};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response};
use protocol::openai_responses::response::thought_ids;
use protocol::speech::{Place, error_event};
use protocol::translate::Translation;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use store::batch::Outcome;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use crate::bodies::RequestBody;
use crate::forward::{Ask, Forwarded, forward};
use crate::gateway::Worker;
use crate::meter::{self, Charge};
use crate::prepare::Prepared;
use crate::route::Route;
use crate::settle::{Ended, Running, millis, settle};
use crate::stored::Binding;

/// A call that was admitted, with all that its task needs.
pub struct Relay {
    /// Connections to upstreams.
    pub worker: Worker,
    /// The money set aside, and what must end with the call.
    pub running: Running,
    /// The channels to try.
    pub routes: Vec<Route>,
    /// The body for each.
    pub bodies: Vec<RequestBody>,
    /// What the call is charged by.
    pub tariff: domain::bill::Tariff,
    /// What the client wants.
    pub ask: Ask,
    /// How many answers were asked for.
    pub choices: u64,
    /// A hash of the channel's secret that served.
    pub served_with: Option<Arc<str>>,
    /// Set when the key is revoked.
    pub revoked: watch::Receiver<bool>,
}

/// The head of the client's answer.
pub type Answer = Result<Response<RelayBody>, Refusal>;

/// Journals an admitted call, and serves it to its end.
pub(crate) async fn begin(prepared: Box<Prepared>, client: oneshot::Sender<Answer>) {
    match prepared.open().await {
        // Nobody has been asked for anything yet.
        Ok(relay) if client.is_closed() => {
            Box::pin(release(relay, 0, Outcome::ClientGone, 499)).await;
        }
        Ok(relay) => serve(relay, client).await,
        Err(refusal) => drop(client.send(Err(refusal))),
    }
}

/// Serves a journaled call to its end.
async fn serve(mut relay: Box<Relay>, mut client: oneshot::Sender<Answer>) {
    let deadline = relay.running.started + relay.worker.gateway.options.total_timeout;
    let asked = {
        let Relay { worker, running, routes, bodies, ask, revoked, .. } = &mut *relay;
        let options = &worker.gateway.options;
        let attempts = &mut running.attempts;
        let mut asking = pin!(forward(worker, routes, bodies, ask, deadline, attempts));
        tokio::select! {
            biased;
            forwarded = &mut asking => Asked::Came(forwarded),
            // Before the first byte nothing is known of the answer: it is waited for, for a while.
            () = client.closed() => {
                let read_on = Box::pin(read_on(worker, options.drain_timeout, asking));
                read_on.await.map_or(Asked::Left, Asked::Came)
            }
            () = until_revoked(revoked) => Asked::Revoked,
        }
    };
    // Boxed, so that waiting for the first byte does not carry the room for what follows.
    match asked {
        Asked::Came(Forwarded::Served { route, secret, response }) => {
            relay.served_with = Some(secret);
            relay.running.first_byte_ms = Some(millis(relay.running.started));
            let own = relay.routes.get(route).and_then(|route| route.channel.timeouts.total_ms);
            let deadline = own.map_or(deadline, |own| {
                deadline.min(relay.running.started + Duration::from_millis(own))
            });
            if content_type(response.headers()).starts_with("text/event-stream") {
                Box::pin(stream::relay(relay, route, response, client, deadline)).await;
            } else {
                Box::pin(json::relay(relay, route, response, client, deadline)).await;
            }
        }
        Asked::Came(Forwarded::Failed { route, refusal }) => {
            let status = refusal.status();
            if Box::pin(release(relay, route, Outcome::Failed, status)).await {
                let _ = client.send(Err(*refusal));
            }
        }
        Asked::Left => Box::pin(leave(relay, 0)).await,
        Asked::Revoked => Box::pin(revoke(relay, 0, client)).await,
    }
}

/// Ready when the key is revoked; never, if it is not.
async fn until_revoked(revoked: &mut watch::Receiver<bool>) {
    if revoked.wait_for(|revoked| *revoked).await.is_err() {
        std::future::pending().await
    }
}

/// What became of asking the upstreams.
enum Asked {
    Came(Forwarded),
    Left,
    Revoked,
}

impl Relay {
    /// A failure amid a stream, in the client's dialect.
    fn error_event(&self, refusal: &Refusal, sequence: u64) -> Bytes {
        let intent = self.running.open.intent();
        let call = intent.id.to_string();
        let now = intent.started_at.get().div_euclid(1_000);
        error_event(intent.dialect, refusal, Place { call: &call, now, sequence })
    }

    /// Gives up what nobody will send again: the request.
    fn forget_request(&mut self) {
        self.ask.passed = Vec::new();
        for body in &mut self.bodies {
            body.bytes = Bytes::new();
        }
    }

    /// Notes whose the thoughts in an answer are that the provider keeps.
    fn note_thoughts(&self, route: &Route, bytes: &[u8]) {
        if self.ask.stores {
            thought_ids(bytes).for_each(|id| self.note_stored(route, Some(id)));
        }
    }

    /// Notes whose an answer is that the provider keeps.
    fn note_stored(&self, route: &Route, id: Option<&str>) {
        let native = route.dialect == self.ask.operation.dialect();
        let (Some(id), Some(secret)) = (id, &self.served_with) else { return };
        if self.ask.stores && native {
            let (user, channel) = (self.running.open.intent().user, route.channel.id);
            let secret = Arc::clone(secret);
            self.worker.gateway.bind(id, Binding { user, channel, secret });
        }
    }

    /// The way back for a route whose upstream speaks another dialect.
    fn translation(&self, route: usize) -> Option<&Translation> {
        self.bodies.get(route)?.translation.as_deref()
    }
}

/// Ends a call of which nothing was delivered, because its key was revoked. The upstream may have
/// had it: its input is charged, or revoking one's own key would make calls free.
async fn revoke(relay: Box<Relay>, route: usize, client: oneshot::Sender<Answer>) {
    let message = "This key was revoked while it was answered. Use another one.";
    let refusal = Refusal::new(RefusalCode::KeyRevoked, message);
    let Some(route) = relay.routes.get(route) else { return };
    let (expectation, bound) = (relay.running.expectation, relay.running.open.bound());
    let charge = meter::unanswered(&expectation, &relay.tariff, route.multiplier, bound);
    let ended = Ended { route, charge, outcome: Outcome::Failed, status: refusal.status() };
    if settle(relay.running, ended).await.is_ok() {
        let _ = client.send(Err(refusal));
    }
}

/// Goes on although the client left: as long, and for as many calls at once, as is allowed.
async fn read_on<T>(
    worker: &Worker,
    patience: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let _permit = worker.gateway.drains.try_acquire().ok()?;
    worker.gateway.meters.drained();
    tokio::time::timeout(patience, work).await.ok()
}

/// Ends a call whose client left, and whose answer was not read on.
async fn leave(relay: Box<Relay>, route: usize) {
    let Some(route) = relay.routes.get(route) else { return };
    let (expectation, bound) = (relay.running.expectation, relay.running.open.bound());
    let charge = meter::unanswered(&expectation, &relay.tariff, route.multiplier, bound);
    let ended = Ended { route, charge, outcome: Outcome::ClientGone, status: 499 };
    // Nobody waits for it; a journal that fails is told of where it fails.
    let _ = settle(relay.running, ended).await;
}

/// Ends a call that is not charged. False: the journal failed, and the client gets nothing.
async fn release(relay: Box<Relay>, route: usize, outcome: Outcome, status: u16) -> bool {
    let Some(route) = relay.routes.get(route) else {
        return true;
    };
    settle(relay.running, Ended { route, charge: Charge::NOTHING, outcome, status }).await.is_ok()
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Headers of the upstream's answer that the client gets.
const PASSED_ON: [HeaderName; 3] = [
    CONTENT_TYPE,
    HeaderName::from_static("openai-processing-ms"),
    HeaderName::from_static("openai-version"),
];

fn answer<T>(upstream: &http::response::Parts, body: T, stream: bool) -> Response<T> {
    let mut response = Response::new(body);
    *response.status_mut() = upstream.status;
    let headers = response.headers_mut();
    for name in &PASSED_ON {
        if let Some(value) = upstream.headers.get(name) {
            headers.insert(name, value.clone());
        }
    }
    if stream {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        // nginx would gather the events otherwise.
        headers
            .insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    }
    response
}

/// The next piece of an answer.
enum Piece {
    /// Bytes.
    Data(Bytes),
    /// The answer is complete.
    End,
    /// It broke off, or nothing came for too long.
    Broken,
}

/// Waits for something until a moment; sets no alarm for what is there already.
pub(crate) async fn by<T>(
    limit: impl FnOnce() -> Instant,
    work: impl Future<Output = T>,
) -> Result<T, tokio::time::error::Elapsed> {
    let mut work = pin!(work);
    let at_once = std::future::poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await;
    match at_once {
        Poll::Ready(done) => Ok(done),
        Poll::Pending => tokio::time::timeout_at(limit(), work).await,
    }
}

fn idle_timeout(relay: &Relay, route: &Route) -> Duration {
    route
        .channel
        .timeouts
        .idle_ms
        .map_or(relay.worker.gateway.options.idle_timeout, Duration::from_millis)
}
