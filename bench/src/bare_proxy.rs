//! The yardstick: the least a reverse proxy on hyper can do.
//!
//! Multi-thread tokio, the pooled client of hyper-util, bodies streamed untouched; no keys, no
//! limits, no books.

use std::net::SocketAddr;

use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use http_body_util::Either;
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

type Pool = legacy::Client<HttpConnector, Incoming>;

/// Serves until the process is killed.
pub(crate) async fn serve(listener: TcpListener, upstream: SocketAddr) -> anyhow::Result<()> {
    let authority: Authority = upstream.to_string().parse()?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let pool: Pool = legacy::Client::builder(TokioExecutor::new()).build(connector);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (pool, authority) = (pool.clone(), authority.clone());
        let service = service_fn(move |request| forward(pool.clone(), authority.clone(), request));
        tokio::spawn(async move {
            let socket = TokioIo::new(stream);
            // A connection ends when its client closes it, at whatever point.
            let _closed =
                hyper::server::conn::http1::Builder::new().serve_connection(socket, service).await;
        });
    }
}

async fn forward(
    pool: Pool,
    authority: Authority,
    mut request: Request<Incoming>,
) -> Result<Response<Either<Incoming, Empty<Bytes>>>, http::Error> {
    let mut uri = std::mem::take(request.uri_mut()).into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(authority);
    *request.uri_mut() = Uri::from_parts(uri)?;
    request.headers_mut().remove(http::header::HOST);
    match pool.request(request).await {
        Ok(response) => Ok(response.map(Either::Left)),
        Err(_) => Response::builder().status(502).body(Either::Right(Empty::new())),
    }
}
