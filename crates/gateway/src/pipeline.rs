//! READ FIRST: a call from its head to its answer, a stage a line.
//!
//! ```text
//! receive → authenticate → (body) → peek → route → admit → (bodies) → forward → relay → settle
//! ```
//!
//! What lies between the body and the forwarding waits for nothing; it is in `prepare.rs`.
//!
//! Each stage takes what the one before returns, so none can be left out. What refuses a call is
//! answered in the caller's own dialect by `error.rs`, and nothing is set aside or written for it.

use bytes::Bytes;
use domain::dialect::Dialect;
use domain::id::CallId;
use domain::permission::Permission;
use domain::refusal::{Refusal, RefusalCode};
use futures_util::FutureExt;
use futures_util::future::Either;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, Uri, Version};
use protocol::peek::{Peek, PeekError};
use std::net::IpAddr;
use tokio::sync::oneshot;

use crate::admit::open_books;
use crate::authenticate::{Authenticated, authenticate};
use crate::count;
use crate::endpoint::{Endpoint, Operation, hint};
use crate::error;
use crate::gateway::{Gateway, Worker};
use crate::models;
use crate::prepare::{Asked, prepare};
use crate::receive::{self, Received};
use crate::relay::{self, Carried, RelayBody, Work};
use crate::stored;

/// Serves one request of the data plane.
///
/// What waits for nothing is done at once: a future that was given the whole request would carry it
/// to its end.
pub fn serve<'w, B>(
    worker: &'w Worker,
    endpoint: Endpoint,
    request: Request<B>,
    peer: IpAddr,
) -> impl Future<Output = Response<RelayBody>> + use<'w, B>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let (Parts { method, uri, version, headers, .. }, body) = request.into_parts();
    let dialect = match &endpoint {
        Endpoint::Call(operation) => operation.dialect(),
        Endpoint::Models(surface) | Endpoint::Model(surface, _) => {
            models::surface(*surface, &headers)
        }
        Endpoint::Other(surface, _) | Endpoint::Unknown(surface) => *surface,
        Endpoint::Root => Dialect::Chat,
        Endpoint::Socket | Endpoint::Stored(_) => Dialect::Responses,
    };
    let received = Received::new(&worker.gateway, headers, uri.query(), peer, dialect);
    let caller =
        Caller { gateway: &worker.gateway, id: received.id, dialect, codex: received.is_codex() };
    let answer = match endpoint {
        Endpoint::Call(operation) if !operation.only_counts() => {
            Either::Left(call(worker, received, operation, body, version <= Version::HTTP_11))
        }
        seldom => Either::Right(Box::pin(answer(worker, seldom, received, method, uri, body))),
    };
    answer.map(move |answer| caller.told(answer))
}

/// Answers what is not a call of a model.
async fn answer<B>(
    worker: &Worker,
    endpoint: Endpoint,
    received: Received,
    method: Method,
    uri: Uri,
    body: B,
) -> Answer
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let (gateway, dialect) = (&worker.gateway, received.dialect);
    match endpoint {
        Endpoint::Call(operation) => count::count(worker, received, operation, body).await,
        Endpoint::Models(_) => {
            read(gateway, received, |call| models::list(gateway, call, dialect)).await
        }
        Endpoint::Model(_, model) => {
            read(gateway, received, |call| models::get(gateway, call, dialect, &model)).await
        }
        Endpoint::Stored(request) => {
            stored::serve(worker, received, method, request, uri.query()).await
        }
        Endpoint::Root => Ok(Response::new(RelayBody::full(Bytes::new()))),
        Endpoint::Socket => {
            let message = "WebSockets are not offered here. POST the request and read its events.";
            Err(Refusal::new(RefusalCode::WebsocketNotOffered, message))
        }
        Endpoint::Unknown(_) => {
            let path = uri.path();
            let message = format!("There is no {path} here.{}", hint(path));
            Err(Refusal::new(RefusalCode::RouteNotFound, message))
        }
        Endpoint::Other(_, allowed) => {
            let message = format!("This path takes {allowed} only.");
            Err(Refusal::new(RefusalCode::MethodNotAllowed, message).at(allowed))
        }
    }
}

/// Who is answered.
struct Caller<'w> {
    gateway: &'w Gateway,
    /// The call's id.
    id: CallId,
    dialect: Dialect,
    codex: bool,
}

impl Caller<'_> {
    /// The answer as this caller understands it.
    fn told(self, answer: Answer) -> Response<RelayBody> {
        let Self { gateway, id, dialect, codex } = self;
        let id = id.to_string();
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
    let mut authenticated = authenticate(gateway, received, operation.permission()).await?;
    let body = receive::body(gateway, &authenticated.received.headers, body).await?;
    if authenticated.key.running().is_none() {
        // In a box, as what is rare.
        Box::pin(open_books(gateway, &authenticated)).await?;
    }
    let (prepared, changes) = {
        // Boxed: what a call's own future holds is moved with it.
        let peek = Box::new(Peek::read(&body, operation.shape()).map_err(invalid)?);
        let bound = match peek.stored.is_empty() {
            true => None,
            false => Box::pin(gateway.bound_by(&peek, authenticated.key.owner.id)).await?,
        };
        // The last look: behind it nothing waits.
        authenticated = authenticated.again(gateway)?;
        let asked = Asked { operation, body: &body, peek: &peek, bound };
        prepare(worker, authenticated, asked, under_way)?
    };
    drop(body);
    let (sender, answer) = oneshot::channel();
    let work = Work::new(Box::pin(relay::begin(prepared, sender)));
    let mut response = Carried::new(work, answer, to_the_end).await?;
    changes.tell(response.headers_mut());
    Ok(response)
}

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
