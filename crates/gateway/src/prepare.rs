//! Stages 3 to 5: all that is decided once a call's body is there, up to what its upstreams are sent.
//! Nothing in it waits, so no edit can slip in between; the money is set aside when it is done.

use bytes::Bytes;
use domain::bill::{BillingMethod, Tariff};
use domain::id::ChannelId;
use domain::refusal::{Refusal, RefusalCode};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use ledger::call::{OpenCall, Reservation};
use ledger::journal::Intent;
use protocol::canonical::Losses;
use protocol::peek::Peek;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::admit::{Admitted, Expectation, admit, rates_of};
use crate::authenticate::Authenticated;
use crate::bodies::{RequestBody, bodies};
use crate::endpoint::Operation;
use crate::forward::Ask;
use crate::gateway::{UnderWay, Worker};
use crate::idempotency::Claim;
use crate::metrics::UnderWayGauge;
use crate::pipeline::model;
use crate::rates::{ParallelGuard, Rates};
use crate::relay::Relay;
use crate::route::{Route, Routed, route};
use crate::settle::Running;
use crate::stored::Binding;

/// What is asked, as it came.
pub(crate) struct Asked<'a> {
    pub(crate) operation: Operation,
    pub(crate) body: &'a Bytes,
    pub(crate) peek: &'a Peek<'a>,
    /// Where what it refers to lies.
    pub(crate) bound: Option<Binding>,
}

/// A call whose money is set aside, and of which nothing is journaled yet.
pub(crate) struct Prepared {
    reservation: Reservation,
    intent: Intent,
    rest: Rest,
}

/// What a call takes along from its admission to its end.
struct Rest {
    worker: Worker,
    routes: Vec<Route>,
    bodies: Vec<RequestBody>,
    tariff: Tariff,
    ask: Ask,
    choices: u64,
    expectation: Expectation,
    started: Instant,
    claim: Option<Claim>,
    rates: Option<Arc<Rates>>,
    rate_limits: domain::policy::RateLimits,
    guards: (ParallelGuard, UnderWayGauge),
    under_way: UnderWay,
    revoked: watch::Receiver<bool>,
}

/// What was changed of what the caller asked; the answer's head tells them.
pub(crate) struct Changes {
    lowered: Option<u64>,
    losses: Losses,
}

/// Finds out who could serve a call and what it may cost, sets that aside, and writes what each of
/// them is to be sent.
///
/// # Errors
/// The refusal to answer with; nothing is set aside then.
pub(crate) fn prepare(
    worker: &Worker,
    authenticated: Authenticated,
    asked: Asked<'_>,
    under_way: UnderWay,
) -> Result<(Box<Prepared>, Changes), Refusal> {
    let gateway = &worker.gateway;
    let Asked { operation, body, peek, bound } = asked;
    let name = model(&operation, peek)?;
    let mut routed = route(gateway, authenticated, &operation, name, peek.session())?;
    if let Some(bound) = &bound {
        keep_bound(&mut routed, &operation, bound)?;
    }
    let claim = claim(&routed, body, worker)?;
    let mut admitted = admit(gateway, routed, peek)?;
    let most = admitted.routed.priced.price.max_output;
    let routes = &mut admitted.routed.routes;
    let (bodies, losses) = bodies(body, &operation, peek, routes, admitted.lowered, most)?;
    let stream = peek.stream || operation.streams();
    let stores = peek.stores && operation == Operation::Responses;
    let mut ask = Ask::new(operation, stream, &admitted.routed.authenticated.received);
    (ask.pinned, ask.stores) = (bound.map(|bound| bound.secret), stores);
    let intent = intent(&admitted, &ask.user_agent);
    let Admitted { routed, reservation, guard, expectation, lowered } = admitted;
    let key = &routed.authenticated.key;
    let revoked = key
        .running()
        .map_or_else(|| watch::channel(false).1, |running| running.revoked.subscribe());
    let rest = Rest {
        expectation,
        started: routed.authenticated.received.started,
        claim,
        rates: rates_of(&routed),
        rate_limits: key.policy.rates,
        guards: (guard, gateway.meters.enter()),
        under_way,
        worker: worker.clone(),
        tariff: routed.tariff,
        routes: routed.routes,
        bodies,
        ask,
        choices: peek.delivered_choices(),
        revoked,
    };
    Ok((Box::new(Prepared { reservation, intent, rest }), Changes { lowered, losses }))
}

impl Prepared {
    /// Journals the call's intent; from then on an upstream may be asked.
    ///
    /// # Errors
    /// The refusal to answer with; what was set aside is given back.
    pub(crate) async fn open(self: Box<Self>) -> Result<Box<Relay>, Refusal> {
        let Self { reservation, intent, rest } = *self;
        match reservation.forward(intent).await {
            Ok(open) => Ok(Box::new(rest.opened(open))),
            Err(error) => {
                tracing::error!(%error, "an intent could not be journaled");
                let message = "The gateway cannot write its books at present and admits no call. Try again in a moment.";
                Err(Refusal::new(RefusalCode::BooksUnavailable, message).retry_after(5))
            }
        }
    }
}

impl Rest {
    fn opened(self, open: OpenCall) -> Relay {
        let running = Running {
            gateway: Arc::clone(&self.worker.gateway),
            open,
            expectation: self.expectation,
            started: self.started,
            attempts: Vec::new(),
            first_byte_ms: None,
            claim: self.claim,
            rates: self.rates,
            rate_limits: self.rate_limits,
            guards: self.guards,
            under_way: self.under_way,
        };
        Relay {
            worker: self.worker,
            running,
            tariff: self.tariff,
            routes: self.routes,
            bodies: self.bodies,
            ask: self.ask,
            choices: self.choices,
            served_with: None,
            revoked: self.revoked,
        }
    }
}

impl Changes {
    /// Adds what the caller should know.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        if let Some(most) = self.lowered {
            headers.insert(MAX_TOKENS, HeaderValue::from(most));
        }
        if !self.losses.is_empty()
            && let Ok(names) = HeaderValue::from_str(&self.losses.header())
        {
            headers.insert(DROPPED, names);
        }
    }
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says which output maximum was put in or lowered.
const MAX_TOKENS: HeaderName = HeaderName::from_static("x-tollkeeper-max-tokens");
/// Names what of the request the upstream's dialect has no word for.
const DROPPED: HeaderName = HeaderName::from_static("x-tollkeeper-dropped");

/// Leaves only the channel that keeps what the call refers to.
fn keep_bound(routed: &mut Routed, operation: &Operation, bound: &Binding) -> Result<(), Refusal> {
    let there = |route: &Route| route.channel.id == bound.channel;
    routed.routes.retain(|route| there(route) && route.dialect == operation.dialect());
    if routed.routes.is_empty() {
        let message = "The channel that keeps what this call refers to cannot serve it now. Send the whole conversation instead.";
        return Err(Refusal::new(RefusalCode::StoredObjectNotFound, message));
    }
    Ok(())
}

/// Claims the idempotency key that came with a call.
fn claim(routed: &Routed, body: &Bytes, worker: &Worker) -> Result<Option<Claim>, Refusal> {
    let received = &routed.authenticated.received;
    let Some(value) = received.headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let (key, text) = (routed.authenticated.key.id, value.to_str().unwrap_or_default());
    worker.gateway.idempotency.claim(key, text, body, received.id, received.at).map(Some)
}

fn intent(admitted: &Admitted, user_agent: &Arc<str>) -> Intent {
    let Admitted { routed, reservation, .. } = admitted;
    let received = &routed.authenticated.received;
    let key = &routed.authenticated.key;
    let (hour, day, month) = reservation.windows();
    let first = routed.routes.first();
    Intent {
        id: received.id,
        key: key.id,
        user: key.owner.id,
        bound: reservation.bound(),
        model: Arc::clone(&routed.model),
        channel: first.map_or_else(|| ChannelId::from_bytes([0; 16]), |route| route.channel.id),
        group: first.map_or_else(|| "".into(), |route| Arc::clone(&route.group)),
        dialect: received.dialect,
        billing_method: match routed.tariff {
            Tariff::Tokens(_) => BillingMethod::UsageBased,
            Tariff::Call(_) => BillingMethod::PayPerUse,
        },
        price_version: routed.priced.version,
        multiplier: routed.multiplier,
        started_at: received.at,
        hour,
        day,
        month,
        client_ip: received.client.to_string().into(),
        user_agent: Arc::clone(user_agent),
    }
}
