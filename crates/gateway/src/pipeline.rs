//! READ FIRST: a call from its head to its answer, a stage a line.
//!
//! ```text
//! receive → authenticate → (body) → peek → route → admit → (bodies) → forward → relay → settle
//! ```
//!
//! Each stage takes what the one before returns, so none can be left out. What refuses a call is
//! answered in the caller's own dialect by `error.rs`, and nothing is set aside or written for it.

use bytes::Bytes;
use domain::dialect::Dialect;
use domain::permission::Permission;
use domain::refusal::{Refusal, RefusalCode};
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Request, Response, Version};
use ledger::journal::Intent;
use protocol::peek::{Peek, PeekError};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{oneshot, watch};

use crate::admit::{Admitted, admit, open_books, rates_of};
use crate::authenticate::{Authenticated, authenticate};
use crate::bodies::bodies;
use crate::count;
use crate::endpoint::{Endpoint, Operation, hint};
use crate::error;
use crate::forward::Ask;
use crate::gateway::{Gateway, Worker};
use crate::models;
use crate::receive::{self, Received};
use crate::relay::{self, Carried, Relay, RelayBody, Work};
use crate::route::{Route, route};
use crate::settle::Running;
use crate::stored;

/// Serves one request of the data plane.
pub async fn serve<B>(
    worker: &Worker,
    endpoint: Endpoint,
    request: Request<B>,
    peer: IpAddr,
) -> Response<RelayBody>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let gateway = &worker.gateway;
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let dialect = match &endpoint {
        Endpoint::Call(operation) => operation.dialect(),
        Endpoint::Models(surface) | Endpoint::Model(surface, _) => {
            models::surface(*surface, &parts.headers)
        }
        Endpoint::Other(surface, _) | Endpoint::Unknown(surface) => *surface,
        Endpoint::Root => Dialect::Chat,
        Endpoint::Socket | Endpoint::Stored(_) => Dialect::Responses,
    };
    let query = parts.uri.query();
    let to_the_end = parts.version <= Version::HTTP_11;
    let received = Received::new(gateway, parts.headers, query, peer, dialect);
    let (id, codex) = (received.id.to_string(), received.is_codex());
    let answer = match endpoint {
        Endpoint::Call(operation) if operation.only_counts() => {
            count::count(worker, received, operation, body).await
        }
        Endpoint::Call(operation) => call(worker, received, operation, body, to_the_end).await,
        Endpoint::Models(_) => {
            read(gateway, received, |call| models::list(gateway, call, dialect)).await
        }
        Endpoint::Model(_, model) => {
            read(gateway, received, |call| models::get(gateway, call, dialect, &model)).await
        }
        Endpoint::Stored(request) => {
            stored::serve(worker, received, parts.method, request, query).await
        }
        Endpoint::Root => Ok(Response::new(RelayBody::full(Bytes::new()))),
        Endpoint::Socket => {
            let message = "WebSockets are not offered here. POST the request and read its events.";
            Err(Refusal::new(RefusalCode::WebsocketNotOffered, message))
        }
        Endpoint::Unknown(_) => {
            let message = format!("There is no {path} here.{}", hint(path));
            Err(Refusal::new(RefusalCode::RouteNotFound, message))
        }
        Endpoint::Other(_, allowed) => {
            let message = format!("This path takes {allowed} only.");
            Err(Refusal::new(RefusalCode::MethodNotAllowed, message).at(allowed))
        }
    };
    match answer {
        Ok(mut response) => {
            if let Ok(id) = HeaderValue::from_str(&id) {
                error::mark(response.headers_mut(), dialect, id);
            }
            response
        }
        Err(mut refusal) => {
            gateway.meters.refused(refusal.code);
            tracing::debug!(call = %id, code = refusal.code.as_str(), "refused");
            // What is allowed goes into a header of its own, not into the error's parameter.
            let wrong_method = refusal.code == RefusalCode::MethodNotAllowed;
            let allowed = if wrong_method { refusal.field.take() } else { None };
            let mut response = error::response(dialect, &refusal, &id, codex);
            let allowed = allowed.and_then(|allowed| HeaderValue::from_str(&allowed).ok());
            response.headers_mut().extend(allowed.map(|value| (ALLOW, value)));
            response
        }
    }
}

pub(crate) type Answer = Result<Response<RelayBody>, Refusal>;

async fn read(
    gateway: &Gateway,
    received: Received,
    list: impl FnOnce(&Authenticated) -> Result<Bytes, Refusal>,
) -> Answer {
    let call = authenticate(gateway, received, Permission::ModelsRead).await?;
    let mut response = Response::new(RelayBody::full(list(&call)?));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

pub(crate) fn refuse_while_draining(gateway: &Gateway) -> Result<(), Refusal> {
    if !gateway.is_draining() {
        return Ok(());
    }
    let message = "This gateway is shutting down. Try again in a moment.";
    Err(Refusal::new(RefusalCode::ShuttingDown, message).retry_after(5))
}

async fn call<B>(
    worker: &Worker,
    received: Received,
    operation: Operation,
    body: B,
    to_the_end: bool,
) -> Answer
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let gateway = &worker.gateway;
    let under_way = gateway.enter();
    refuse_while_draining(gateway)?;
    let authenticated = authenticate(gateway, received, operation.permission()).await?;
    let body = receive::body(gateway, &authenticated.received.headers, body).await?;
    open_books(gateway, &authenticated).await?;
    let authenticated = authenticated.again(gateway)?;
    let peek = Peek::read(&body, operation.shape()).map_err(invalid)?;
    let model = model(&operation, &peek)?;
    let bound = match peek.stored.is_empty() {
        true => None,
        false => Box::pin(gateway.bound_by(&peek, authenticated.key.owner.id)).await?,
    };
    let mut routed = route(gateway, authenticated, &operation, model, peek.session())?;
    if let Some(bound) = &bound {
        let there = |route: &Route| route.channel.id == bound.channel;
        routed.routes.retain(|route| there(route) && route.dialect == operation.dialect());
        if routed.routes.is_empty() {
            let message = "The channel that keeps what this call refers to cannot serve it now. Send the whole conversation instead.";
            return Err(Refusal::new(RefusalCode::StoredObjectNotFound, message));
        }
    }
    let claim = {
        let received = &routed.authenticated.received;
        let text =
            received.headers.get("idempotency-key").map(|value| value.to_str().unwrap_or_default());
        let key = routed.authenticated.key.id;
        text.map(|text| gateway.idempotency.claim(key, text, &body, received.id, received.at))
            .transpose()?
    };
    let mut admitted = admit(gateway, routed, &peek)?;
    let most = admitted.routed.priced.price.max_output;
    let routes = &mut admitted.routed.routes;
    let (bodies, losses) = bodies(&body, &operation, &peek, routes, admitted.lowered, most)?;
    let choices = peek.delivered_choices();
    let stream = peek.stream || operation.streams();
    let stores = peek.stores && operation == Operation::Responses;
    drop(body);
    let mut ask = Ask::new(operation, stream, &admitted.routed.authenticated.received);

    (ask.pinned, ask.stores) = (bound.map(|bound| bound.secret), stores);
    let intent = intent(&admitted, &ask.user_agent);
    let Admitted { routed, reservation, guard, expectation, lowered } = admitted;
    let open = reservation.forward(intent).await.map_err(|error| {
        tracing::error!(%error, "an intent could not be journaled");
        let message = "The gateway cannot write its books at present and admits no call. Try again in a moment.";
        Refusal::new(RefusalCode::BooksUnavailable, message).retry_after(5)
    })?;
    let key = &routed.authenticated.key;
    let received = &routed.authenticated.received;
    let running = Running {
        gateway: gateway.clone(),
        open,
        expectation,
        started: received.started,
        attempts: Vec::new(),
        first_byte_ms: None,
        claim,
        rates: rates_of(&routed),
        rate_limits: key.policy.rates,
        guards: (guard, gateway.meters.enter()),
        under_way,
    };
    let revoked = key
        .running()
        .map_or_else(|| watch::channel(false).1, |running| running.revoked.subscribe());
    let relay = Box::new(Relay {
        worker: worker.clone(),
        running,
        tariff: routed.tariff,
        routes: routed.routes,
        bodies,
        ask,
        choices,
        served_with: None,
        revoked,
    });
    let (sender, answer) = oneshot::channel();
    let work = Work::new(Box::pin(relay::serve(relay, sender)));
    let mut response = Carried::new(work, answer, to_the_end).await?;
    if let Some(most) = lowered {
        response.headers_mut().insert(MAX_TOKENS, HeaderValue::from(most));
    }
    if !losses.is_empty()
        && let Ok(names) = HeaderValue::from_str(&losses.header())
    {
        response.headers_mut().insert(DROPPED, names);
    }
    Ok(response)
}

/// Says which output maximum was put in or lowered.
const MAX_TOKENS: HeaderName = HeaderName::from_static("x-tollkeeper-max-tokens");
/// Names what of the request the upstream's dialect has no word for.
const DROPPED: HeaderName = HeaderName::from_static("x-tollkeeper-dropped");

/// The model that is asked for, by the body or by the path.
pub(crate) fn model<'m>(operation: &'m Operation, peek: &'m Peek<'_>) -> Result<&'m str, Refusal> {
    let Some(model) = operation.model() else { return Ok(peek.model_name().unwrap_or_default()) };
    let named = peek.repeated_models.iter().map(|field| &*field.value);
    for other in peek.model_name().into_iter().chain(named) {
        if other.strip_prefix("models/").unwrap_or(other) != model {
            let message = format!("The path asks for {model:?} and the body for {other:?}.");
            return Err(Refusal::new(RefusalCode::InvalidRequest, message).at("model"));
        }
    }
    Ok(model)
}

pub(crate) fn invalid(error: PeekError) -> Refusal {
    let refusal = Refusal::new(RefusalCode::InvalidRequest, error.message);
    match error.field {
        Some(field) => refusal.at(field),
        None => refusal,
    }
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
        channel: first
            .map_or_else(|| domain::id::ChannelId::from_bytes([0; 16]), |route| route.channel.id),
        group: first.map_or_else(|| "".into(), |route| Arc::clone(&route.group)),
        dialect: received.dialect,
        billing_method: match routed.tariff {
            domain::bill::Tariff::Tokens(_) => domain::bill::BillingMethod::UsageBased,
            domain::bill::Tariff::Call(_) => domain::bill::BillingMethod::PayPerUse,
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
