//! One request: to the data plane here and now, or to the management routes on their own runtime.

use axum::Router;
use bytes::Bytes;
use gateway::endpoint::endpoint;
use gateway::receive::Peer;
use gateway::relay::RelayBody;
use gateway::{Gateway, Worker, pipeline};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use metrics_exporter_prometheus::PrometheusHandle;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::runtime::Handle;
use tower::ServiceExt;

use crate::compress;
use crate::patience::Answering;

/// Which routes a listener offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// All of them.
    Everything,
    /// The data plane, and what a key may read about itself.
    Data,
    /// Management and metrics.
    Console,
}

/// What every connection of a worker shares.
#[derive(Clone)]
pub(crate) struct Responder {
    pub(crate) worker: Worker,
    pub(crate) management: Router,
    /// The pages for people.
    pub(crate) console: Router,
    /// Where the management routes run, away from the data plane.
    pub(crate) control: Handle,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) offer: Offer,
}

/// An answer's body from either side. Its connection is busy as long as it lives.
pub(crate) struct AnsweringBody {
    body: AnyBody,
    _answering: Answering,
}

/// An answer's body from either side.
pub(crate) enum AnyBody {
    Relay(RelayBody),
    Management(axum::body::Body),
}

impl AnyBody {
    pub(crate) const fn while_answering(self, answering: Answering) -> AnsweringBody {
        AnsweringBody { body: self, _answering: answering }
    }
}

impl Responder {
    pub(crate) async fn respond(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: Peer,
    ) -> Response<AnyBody> {
        let path = request.uri().path();
        if self.offer != Offer::Console
            && let Some(endpoint) = endpoint(request.method(), path, request.uri().query())
        {
            return pipeline::serve(&self.worker, endpoint, request, peer.address)
                .await
                .map(AnyBody::Relay);
        }
        match path {
            "/healthz" => return text(request.method(), StatusCode::OK, "ok\n".into()),
            "/readyz" => return ready(&self.worker.gateway, request.method()),
            "/metrics" if self.offer != Offer::Data => {
                self.worker.gateway.show_secret_states();
                self.worker.gateway.meters.publish();
                return text(request.method(), StatusCode::OK, self.metrics.render());
            }
            _ => {}
        }
        let own = matches!(
            path,
            "/v1/usage"
                | "/v1/usage.csv"
                | "/v1/key"
                | "/v1/dashboard/billing/subscription"
                | "/v1/dashboard/billing/usage"
                | "/dashboard/billing/subscription"
                | "/dashboard/billing/usage"
        );
        if self.offer == Offer::Data && !own {
            return text(
                request.method(),
                StatusCode::NOT_FOUND,
                "This address serves the data plane only.\n".into(),
            );
        }
        let routes = if is_page(&request) { &self.console } else { &self.management };
        self.manage(routes.clone(), request, peer).await
    }

    async fn manage(
        &self,
        routes: Router,
        mut request: Request<Incoming>,
        peer: Peer,
    ) -> Response<AnyBody> {
        request.extensions_mut().insert(peer);
        let compresses = compress::is_wanted(&request);
        let answer = self.control.spawn(async move {
            match routes.oneshot(request.map(axum::body::Body::new)).await {
                Ok(response) if compresses => Ok(compress::compressed(response).await),
                answer => answer,
            }
        });
        match answer.await {
            Ok(Ok(response)) => response.map(AnyBody::Management),
            _ => text(
                &Method::GET,
                StatusCode::INTERNAL_SERVER_ERROR,
                "The request failed here; it was logged.\n".into(),
            ),
        }
    }
}

/// Whether the console answers: its own addresses, and a browser at the front door.
fn is_page<B>(request: &Request<B>) -> bool {
    let path = request.uri().path();
    let below = |prefix: &str| {
        path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let browses = || {
        let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
        accepts.is_some_and(|accepts| accepts.contains("text/html"))
    };
    below("/console") || path.starts_with("/assets/") || (path == "/" && browses())
}

fn ready(gateway: &Gateway, method: &Method) -> Response<AnyBody> {
    if gateway.is_ready() {
        return text(method, StatusCode::OK, "ready\n".into());
    }
    let why =
        if gateway.is_draining() { "shutting down\n" } else { "the books cannot be written\n" };
    text(method, StatusCode::SERVICE_UNAVAILABLE, why.into())
}

fn text(method: &Method, status: StatusCode, text: String) -> Response<AnyBody> {
    let body = if *method == Method::HEAD { Bytes::new() } else { Bytes::from(text) };
    let mut response = Response::new(AnyBody::Relay(RelayBody::full(body)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

impl Body for AnsweringBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut self.get_mut().body {
            AnyBody::Relay(body) => Pin::new(body)
                .poll_frame(cx)
                .map(|frame| frame.map(|frame| frame.map_err(Into::into))),
            AnyBody::Management(body) => Pin::new(body)
                .poll_frame(cx)
                .map(|frame| frame.map(|frame| frame.map_err(Into::into))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            AnyBody::Relay(body) => body.is_end_stream(),
            AnyBody::Management(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            AnyBody::Relay(body) => body.size_hint(),
            AnyBody::Management(body) => body.size_hint(),
        }
    }
}
