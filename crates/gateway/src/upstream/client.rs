//! Asking an upstream, over a connection that is there or a new one.

use bytes::Bytes;
use hashbrown::HashMap;
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri, Version};
use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::Connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tower_service::Service;

use super::body::AnswerBody;
use super::exchange::{Exchange, Home};
use super::pool::Pool;
use super::proxy::Proxy;
use crate::egress::{EgressConnector, EgressPolicy, EgressStream};

/// A connection's bytes, encrypted or not.
pub(super) type Io = MaybeHttpsStream<EgressStream>;
type Multiplexed = http2::SendRequest<Full<Bytes>>;
/// Boxed: it is handed on many times before it is sent.
pub(super) type Outgoing = Box<Request<Full<Bytes>>>;

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    absolute: Uri,
    /// Path and query alone, as HTTP/1.1 wants it.
    target: Uri,
    host: HeaderValue,
    /// Connections to the same origin are shared.
    origin: Arc<str>,
}

impl Endpoint {
    /// The endpoint at an absolute address; none if it is not one.
    #[must_use]
    pub fn new(absolute: Uri) -> Option<Self> {
        let authority = absolute.authority()?;
        let origin = format!("{}://{authority}", absolute.scheme_str()?).into();
        let host = HeaderValue::from_str(authority.as_str()).ok()?;
        let target = Uri::from(absolute.path_and_query()?.clone());
        Some(Self { target, host, origin, absolute })
    }

    /// The whole address.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        &self.absolute
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// No connection could be made.
    #[error("no connection")]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The connection was closed or broke off.
    #[error("the connection failed")]
    Broken(#[source] hyper::Error),
}

/// The connections of one worker; clones share them.
#[derive(Clone)]
pub struct UpstreamClient(Arc<Connections>);

struct Connections {
    connector: HttpsConnector<EgressConnector>,
    pool: Arc<Pool>,
    multiplexed: Mutex<HashMap<Arc<str>, Multiplexed>>,
}

impl UpstreamClient {
    /// A client that connects within a time and to permitted addresses only.
    #[must_use]
    pub fn new(policy: EgressPolicy, tls: Arc<ClientConfig>, connect_timeout: Duration) -> Self {
        Self::through(None, policy, tls, connect_timeout)
    }

    /// The same through a proxy; its connections are shared with no other client's.
    #[must_use]
    pub fn through(
        proxy: Option<Proxy>,
        policy: EgressPolicy,
        tls: Arc<ClientConfig>,
        connect_timeout: Duration,
    ) -> Self {
        let way_out = EgressConnector::new(policy, connect_timeout).through(proxy);
        let connector = HttpsConnector::from((way_out, tls));
        let (pool, multiplexed) = (Arc::default(), Mutex::default());
        Self(Arc::new(Connections { connector, pool, multiplexed }))
    }

    /// Sends a request and waits for the head of the answer. Address and host are put in here.
    ///
    /// # Errors
    /// When no connection could be made, or it broke off before the answer.
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        mut request: Outgoing,
    ) -> Result<Response<AnswerBody>, UpstreamError> {
        // A connection that was closed while it was idle takes no request: the next one is tried.
        while let Some(exchange) = self.0.pool.take(&endpoint.origin) {
            match Self::over(exchange, endpoint, request).await {
                Ok(response) => return Ok(response),
                Err((_, Some(unsent))) => request = unsent,
                Err((error, None)) => return Err(UpstreamError::Broken(error)),
            }
        }
        // Boxed: connecting needs much room, and is rare.
        Box::pin(self.send_anew(endpoint, request)).await
    }

    /// The same over HTTP/2, or over a new connection.
    async fn send_anew(
        &self,
        endpoint: &Endpoint,
        request: Outgoing,
    ) -> Result<Response<AnswerBody>, UpstreamError> {
        let mut request = request;
        // A connection that was being closed took no request: the next one is a new one.
        if let Some(sender) = self.multiplexed(&endpoint.origin) {
            match Self::over_shared(sender, endpoint, request).await {
                Ok(response) => return Ok(response),
                Err((error, None)) => return Err(UpstreamError::Broken(error)),
                Err((_, Some(unsent))) => request = unsent,
            }
        }
        let io = self.connect(endpoint).await.map_err(UpstreamError::Connect)?;
        if io.connected().is_negotiated_h2() {
            let sender = self.share(io, endpoint).await.map_err(UpstreamError::Broken)?;
            let sent = Self::over_shared(sender, endpoint, request).await;
            return sent.map_err(|(error, _)| UpstreamError::Broken(error));
        }
        let home =
            Home { origin: Arc::clone(&endpoint.origin), pool: Arc::downgrade(&self.0.pool) };
        let exchange = Exchange::start(io, home).await.map_err(UpstreamError::Broken)?;
        let sent = Self::over(exchange, endpoint, request).await;
        sent.map_err(|(error, _)| UpstreamError::Broken(error))
    }

    async fn connect(
        &self,
        endpoint: &Endpoint,
    ) -> Result<Io, Box<dyn std::error::Error + Send + Sync>> {
        let mut connector = self.0.connector.clone();
        std::future::poll_fn(|cx| connector.poll_ready(cx)).await?;
        connector.call(endpoint.absolute.clone()).await
    }

    /// HTTP/1.1: one call at a time.
    async fn over(
        mut exchange: Box<Exchange>,
        endpoint: &Endpoint,
        mut request: Outgoing,
    ) -> Result<Response<AnswerBody>, (hyper::Error, Option<Outgoing>)> {
        request.uri_mut().clone_from(&endpoint.target);
        request.headers_mut().insert(HOST, endpoint.host.clone());
        match exchange.send(request).await {
            Ok(response) => Ok(response.map(|body| AnswerBody::new(body, Some(exchange)))),
            Err(mut error) => {
                let unsent = error.take_message().map(Box::new);
                Err((error.into_error(), unsent))
            }
        }
    }

    /// HTTP/2: many calls at once. What the upstream has certainly not begun to serve comes back.
    async fn over_shared(
        mut sender: Multiplexed,
        endpoint: &Endpoint,
        mut request: Outgoing,
    ) -> Result<Response<AnswerBody>, (hyper::Error, Option<Outgoing>)> {
        request.uri_mut().clone_from(&endpoint.absolute);
        *request.version_mut() = Version::HTTP_2;
        if let Err(error) = sender.ready().await {
            return Err((error, Some(request)));
        }
        let again = request.clone();
        match sender.try_send_request(*request).await {
            Ok(response) => Ok(response.map(|body| AnswerBody::new(body, None))),
            Err(mut error) => {
                let unsent = error.take_message().map(Box::new);
                let error = error.into_error();
                let unserved = unsent.or_else(|| is_unserved(&error).then_some(again));
                Err((error, unserved))
            }
        }
    }

    /// The connection that is shared, if there is one that takes requests.
    fn multiplexed(&self, origin: &str) -> Option<Multiplexed> {
        let mut senders = self.0.multiplexed.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = senders.get(origin)?;
        if sender.is_closed() {
            senders.remove(origin);
            return None;
        }
        Some(sender.clone())
    }

    async fn share(&self, io: Io, endpoint: &Endpoint) -> hyper::Result<Multiplexed> {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(30))
            .keep_alive_while_idle(false)
            .adaptive_window(true);
        let (sender, connection) = builder.handshake(io).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to an upstream ended");
            }
        });
        let mut senders = self.0.multiplexed.lock().unwrap_or_else(PoisonError::into_inner);
        senders.insert(Arc::clone(&endpoint.origin), sender.clone());
        Ok(sender)
    }
}

/// Whether an upstream says that it has not begun to serve a request (RFC 9113, 8.7): it closes the
/// connection, as servers do after so many requests, or has too many streams.
fn is_unserved(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error);
    let Some(error) = source.and_then(|source| source.downcast_ref::<h2::Error>()) else {
        return false;
    };
    let reason = error.reason();
    error.is_remote()
        && (error.is_go_away() && reason == Some(h2::Reason::NO_ERROR)
            || error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM))
}
