//! READ FIRST: a call from its head to its answer, a stage a line.
//!
//! ```text
//! receive → authenticate → (body) → peek → route → admit → forward → relay → settle
//! ```
//!
//! Each stage takes what the one before returns, so none can be left out. What refuses a call is
//! answered in the caller's own dialect by `error.rs`, and nothing is set aside or written for it.

use bytes::Bytes;
use domain::dialect::Dialect;
use domain::permission::Permission;
use domain::refusal::{Refusal, RefusalCode};
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Request, Response};
use ledger::journal::Intent;
use protocol::peek::{Peek, PeekError, Shape};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{oneshot, watch};

use crate::admit::{Admitted, admit, bodies, open_books, rates_of};
use crate::authenticate::{Authenticated, authenticate};
use crate::error;
use crate::gateway::{Gateway, Worker};
use crate::models;
use crate::receive::{self, Received};
use crate::relay::{self, Carried, Relay, RelayBody};
use crate::route::route;
use crate::settle::Running;

/// What a path of the data plane is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST /v1/chat/completions`.
    Chat,
    /// `GET /v1/models`.
    Models,
    /// `GET /v1/models/{id}`.
    Model(String),
    /// The path exists, with this method.
    Other(&'static str),
    /// There is no such path.
    Unknown,
}

/// The endpoint behind a method and a path; none if the data plane does not have it.
#[must_use]
pub fn endpoint(method: &Method, path: &str) -> Option<Endpoint> {
    let only = |allowed: &Method, name: &'static str, endpoint| {
        Some(if method == allowed { endpoint } else { Endpoint::Other(name) })
    };
    match path {
        "/v1/chat/completions" => only(&Method::POST, "POST", Endpoint::Chat),
        "/v1/models" => only(&Method::GET, "GET", Endpoint::Models),
        _ => {
            let rest = path.strip_prefix("/v1/")?;
            if let Some(id) = rest.strip_prefix("models/").filter(|id| !id.is_empty()) {
                return only(&Method::GET, "GET", Endpoint::Model(id.to_owned()));
            }
            let first = rest.split('/').next().unwrap_or_default();
            // Keys are managed elsewhere; their holders' own figures are read there too.
            (!matches!(first, "api-keys" | "usage" | "key")).then_some(Endpoint::Unknown)
        }
    }
}

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
    let received = Received::new(gateway, parts.headers, parts.uri.query(), peer, Dialect::Chat);
    let (id, codex) = (received.id.to_string(), received.is_codex());
    let answer = match endpoint {
        Endpoint::Chat => chat(worker, received, body).await,
        Endpoint::Models => read(gateway, received, |call| models::list(gateway, call)),
        Endpoint::Model(model) => {
            read(gateway, received, |call| models::get(gateway, call, &model))
        }
        Endpoint::Unknown => {
            let message = format!("There is no {} here.", parts.uri.path());
            Err(Refusal::new(RefusalCode::RouteNotFound, message))
        }
        Endpoint::Other(allowed) => {
            let message = format!("This path takes {allowed} only.");
            Err(Refusal::new(RefusalCode::MethodNotAllowed, message).at(allowed))
        }
    };
    match answer {
        Ok(mut response) => {
            if let Ok(id) = HeaderValue::from_str(&id) {
                response.headers_mut().insert(error::REQUEST_ID, id);
            }
            response
        }
        Err(mut refusal) => {
            gateway.meters.refused(refusal.code);
            tracing::debug!(call = %id, code = refusal.code.as_str(), "refused");
            // What is allowed goes into a header of its own, not into the error's parameter.
            let wrong_method = refusal.code == RefusalCode::MethodNotAllowed;
            let allowed = if wrong_method { refusal.field.take() } else { None };
            let mut response = error::response(Dialect::Chat, &refusal, &id, codex);
            let allowed = allowed.and_then(|allowed| HeaderValue::from_str(&allowed).ok());
            response.headers_mut().extend(allowed.map(|value| (ALLOW, value)));
            response
        }
    }
}

type Answer = Result<Response<RelayBody>, Refusal>;

fn read(
    gateway: &Gateway,
    received: Received,
    list: impl FnOnce(&Authenticated) -> Result<Bytes, Refusal>,
) -> Answer {
    let call = authenticate(gateway, received, Permission::ModelsRead)?;
    let mut response = Response::new(RelayBody::full(list(&call)?));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

async fn chat<B>(worker: &Worker, received: Received, body: B) -> Answer
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let gateway = &worker.gateway;
    let under_way = gateway.enter();
    if gateway.is_draining() {
        let message = "This gateway is shutting down. Try again in a moment.";
        return Err(Refusal::new(RefusalCode::ShuttingDown, message).retry_after(5));
    }
    let authenticated = authenticate(gateway, received, Permission::Chat)?;
    let body = receive::body(gateway, &authenticated.received.headers, body).await?;
    open_books(gateway, &authenticated).await?;
    let authenticated = authenticated.again(gateway)?;
    let peek = Peek::read(&body, Shape::Chat).map_err(invalid)?;
    let routed =
        route(gateway, authenticated, peek.model_name().unwrap_or_default(), peek.session())?;
    let claim = {
        let received = &routed.authenticated.received;
        let text =
            received.headers.get("idempotency-key").map(|value| value.to_str().unwrap_or_default());
        let key = routed.authenticated.key.id;
        text.map(|text| gateway.idempotency.claim(key, text, &body, received.id, received.at))
            .transpose()?
    };
    let admitted = admit(gateway, routed, &peek)?;
    let bodies = bodies(&body, &peek, &admitted.routed.routes, admitted.lowered);
    let (stream, choices) = (peek.stream, peek.delivered_choices());
    drop(body);

    let intent = intent(&admitted);
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
        stream,
        choices,
        revoked,
    });
    let (sender, answer) = oneshot::channel();
    let mut response = Carried::new(Box::pin(relay::serve(relay, sender)), answer).await?;
    if let Some(most) = lowered {
        response.headers_mut().insert(MAX_TOKENS, HeaderValue::from(most));
    }
    Ok(response)
}

/// Says which output maximum was put in or lowered.
const MAX_TOKENS: HeaderName = HeaderName::from_static("x-tollkeeper-max-tokens");

fn invalid(error: PeekError) -> Refusal {
    let refusal = Refusal::new(RefusalCode::InvalidRequest, error.message);
    match error.field {
        Some(field) => refusal.at(field),
        None => refusal,
    }
}

fn intent(admitted: &Admitted) -> Intent {
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
        user_agent: received.user_agent(),
    }
}
