//! One connection of a client, HTTP/1.1 or HTTP/2, encrypted or not.

use futures_util::FutureExt;
use gateway::receive::Peer;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::patience::{self, Busy, PatientIo};
use crate::respond::Responder;
use crate::tls::shake_hands;

/// The longest head that is read.
const LONGEST_HEAD: usize = 32 * 1024;
const MOST_STREAMS: u32 = 256;

/// What every connection of a listener is served with.
pub(crate) struct Wire {
    http: Builder<TokioExecutor>,
    /// None: plain http.
    tls: Option<TlsAcceptor>,
}

impl Wire {
    pub(crate) fn new(tls: Option<TlsAcceptor>) -> Self {
        Self { http: builder(), tls }
    }
}

/// The HTTP settings of every connection.
fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(LONGEST_HEAD)
        .pipeline_flush(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(u32::try_from(LONGEST_HEAD).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(32)
        .keep_alive_interval(std::time::Duration::from_secs(30));
    builder
}

/// Serves a connection until either side ends it, or until `closing` says to finish what is under
/// way and no more.
pub(crate) async fn serve(
    stream: TcpStream,
    address: SocketAddr,
    responder: Arc<Responder>,
    wire: Arc<Wire>,
    mut closing: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let peer = Peer { address: address.ip(), is_tls: wire.tls.is_some() };
    let Some(acceptor) = &wire.tls else {
        return speak(stream, peer, responder, &wire.http, closing).await;
    };
    // Boxed: a hand-shake needs much room, and none of it is needed afterwards.
    let hands = Box::pin(shake_hands(acceptor, stream, patience::HEAD));
    let encrypted = tokio::select! {
        encrypted = hands => encrypted,
        _ = closing.wait_for(|closing| *closing) => return,
    };
    match encrypted {
        Ok(stream) => Box::pin(speak(stream, peer, responder, &wire.http, closing)).await,
        Err(error) => tracing::debug!(%error, peer = %address, "a connection ended"),
    }
}

/// Speaks HTTP on a connection, encrypted or not.
async fn speak<T>(
    stream: T,
    peer: Peer,
    responder: Arc<Responder>,
    builder: &Builder<TokioExecutor>,
    mut closing: watch::Receiver<bool>,
) where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let busy = Busy::default();
    let io = PatientIo::new(TokioIo::new(stream), busy.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let answering = busy.enter(request.version());
        // A block that waited for it would carry it twice.
        Arc::clone(&responder).respond(request, peer).map(|response| {
            Ok::<_, std::convert::Infallible>(response.map(|body| body.while_answering(answering)))
        })
    });
    let connection = builder.serve_connection(io, service);
    tokio::pin!(connection);
    let told = closing.clone();
    let told_to_close = closing.wait_for(|closing| *closing);
    tokio::pin!(told_to_close);
    let mut is_listening = false;
    let ended = poll_fn(|cx| {
        // Once is enough to be woken: asking again for each request would be a lock for each.
        if !is_listening || !matches!(told.has_changed(), Ok(false)) {
            is_listening = true;
            if told_to_close.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
        }
        connection.as_mut().poll(cx).map(Some)
    })
    .await;
    match ended {
        Some(ended) => note(ended),
        None => {
            connection.as_mut().graceful_shutdown();
            note(connection.await);
        }
    }
}

fn note(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection ended");
    }
}
