//! Upstreams that speak HTTP/2 over TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, ensure};
use http::{Request, Response, Version};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::stage::certificates::{Authority, Pair};
use crate::stage::{MODEL, PROMPT_TOKENS, Stage, cost, nanos, path, request, scripted};

/// Speaks HTTP/2 over TLS in front of a provider that speaks HTTP/1.1 without.
struct Front {
    address: SocketAddr,
    served: Arc<AtomicU64>,
    connections: Arc<AtomicU64>,
    closing: watch::Sender<u64>,
}

type Pool = Client<HttpConnector, Full<Bytes>>;
type AnyBody = BoxBody<Bytes, hyper::Error>;

impl Front {
    async fn of(pair: &Pair, provider: String) -> anyhow::Result<Self> {
        let chain = vec![CertificateDer::from_pem_slice(pair.certificate.as_bytes())?];
        let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes())?;
        let cryptography = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(cryptography)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (closing, _) = watch::channel(0);
        let front = Self { address, served: Arc::default(), connections: Arc::default(), closing };
        let (served, connections) = (Arc::clone(&front.served), Arc::clone(&front.connections));
        let closing = front.closing.clone();
        let pool: Pool = Client::builder(TokioExecutor::new()).build_http();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::Relaxed);
                let (acceptor, provider, pool) = (acceptor.clone(), provider.clone(), pool.clone());
                let (served, mut closing) = (Arc::clone(&served), closing.subscribe());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(|request| {
                        served.fetch_add(1, Ordering::Relaxed);
                        pass_on(request, provider.clone(), pool.clone())
                    });
                    let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service);
                    tokio::pin!(connection);
                    tokio::select! {
                        _ = connection.as_mut() => return,
                        _ = closing.changed() => connection.as_mut().graceful_shutdown(),
                    }
                    let _ = connection.await;
                });
            }
        });
        Ok(front)
    }

    fn base_url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Ends every connection as a server does that is restarted: with GOAWAY, after what is under
    /// way.
    fn close_connections(&self) {
        self.closing.send_modify(|times| *times += 1);
    }

    fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }
}

/// An answer that cannot be had any more breaks its stream off.
async fn pass_on(
    request: Request<Incoming>,
    provider: String,
    pool: Pool,
) -> Result<Response<AnyBody>, hyper_util::client::legacy::Error> {
    assert_eq!(request.version(), Version::HTTP_2);
    let (mut head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    head.version = Version::HTTP_11;
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    if let Ok(uri) = format!("{provider}{target}").parse() {
        head.uri = uri;
    }
    let answer = pool.request(Request::from_parts(head, Full::new(body))).await?;
    let (mut head, body) = answer.into_parts();
    head.version = Version::HTTP_2;
    for name in ["connection", "transfer-encoding", "keep-alive"] {
        head.headers.remove(name);
    }
    Ok(Response::from_parts(head, body.boxed()))
}

/// A stage whose channel is behind a front, and the front.
async fn behind_a_front() -> anyhow::Result<(Stage, Front, tempfile::TempDir)> {
    let authority = Authority::new()?;
    let directory = tempfile::tempdir()?;
    let root = directory.path().join("root.pem");
    std::fs::write(&root, authority.pem())?;
    let root = path(&root)?.to_owned();
    let stage = Stage::set_with(|gateway| gateway.args(["--upstream-ca", &root])).await?;
    let front = Front::of(&authority.sign()?, stage.provider.base_url()).await?;
    let secret = testkit::world::UPSTREAM_SECRET;
    stage.edit_channel(json!({"base_url": front.base_url(), "secret": secret})).await?;
    Ok((stage, front, directory))
}

#[tokio::test]
async fn json_and_events_come_over_one_connection() -> anyhow::Result<()> {
    let (stage, front, _directory) = behind_a_front().await?;
    for _ in 0..10 {
        let script = json!({"output_tokens": 12});
        let answer = stage.ask(&scripted(script.clone(), json!({}))).await?.success()?.json()?;
        ensure!(answer["usage"]["completion_tokens"] == 12, "{answer}");
        let mut stream = stage.ask_stream(&scripted(script, json!({"stream": true}))).await?;
        let events = stream.rest().await?;
        ensure!(events.last().is_some_and(|event| event.data == "[DONE]"), "{events:?}");
    }
    ensure!(front.served() == 20, "{}", front.served());
    let calls = stage.calls_when(20).await?;
    ensure!(calls.iter().all(|call| nanos(&call["cost"]) == cost(PROMPT_TOKENS, 12)), "{calls:?}");
    stage.audit().await
}

/// At once, over few connections, and none is mixed up with another.
#[tokio::test]
async fn many_calls_share_connections() -> anyhow::Result<()> {
    let (stage, front, _directory) = behind_a_front().await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let mut calls = tokio::task::JoinSet::new();
    for number in 1..=60_i64 {
        let holder = stage.holder()?;
        calls.spawn(async move {
            let script = json!({"output_tokens": number, "delay_ms": 100});
            let body = scripted(script, json!({}));
            let answer = holder.post_json("/v1/chat/completions", &body).await?.success()?;
            let counted = answer.json()?["usage"]["completion_tokens"].clone();
            ensure!(counted == number, "{counted} instead of {number}");
            anyhow::Ok(())
        });
    }
    while let Some(ended) = calls.join_next().await {
        ended??;
    }
    stage.calls_when(61).await?;
    let connections = front.connections.load(Ordering::Relaxed);
    ensure!(connections < 60, "{connections} connections for 61 calls");
    stage.audit().await
}

/// A stream that the upstream breaks off is billed by what was delivered; one that never began
/// costs nothing.
#[tokio::test]
async fn broken_streams_are_cut_answers() -> anyhow::Result<()> {
    let (stage, _front, _directory) = behind_a_front().await?;
    let cut = |at: &str| json!({"output_tokens": 20, "cut": {"at": at}});
    let mut stream =
        stage.ask_stream(&scripted(cut("mid_stream"), json!({"stream": true}))).await?;
    let (events, _) = stream.until_end_or_break().await;
    let last = events.last().context("no event")?.json();
    ensure!(last["error"]["code"] == "upstream_failed", "{last}");
    let call = stage.only_call().await?;
    ensure!(call["outcome"] == "upstream_cut" && call["usage_source"] == "estimated", "{call}");
    ensure!(nanos(&call["cost"]) > 0, "{call}");

    let answer = stage.ask(&scripted(cut("mid_stream"), json!({}))).await?;
    ensure!(answer.status == 502, "{}", answer.text());
    let answer = stage.ask(&scripted(cut("before_head"), json!({}))).await?;
    ensure!(answer.status == 502, "{}", answer.text());
    let calls = stage.calls_when(3).await?;
    let free = calls.iter().filter(|call| nanos(&call["cost"]) == 0).count();
    ensure!(free == 2, "{calls:?}");
    stage.audit().await
}

/// Before the first byte another channel takes over.
#[tokio::test]
async fn a_stream_that_breaks_before_its_head_fails_over() -> anyhow::Result<()> {
    let (stage, front, _directory) = behind_a_front().await?;
    stage.channel_with(json!({"models": [MODEL], "priority": -1})).await?;
    let script = json!({"output_tokens": 7, "cut": {"at": "before_head"}, "fail_times": 1});
    let answer = stage.ask(&scripted(script, json!({}))).await?.success()?.json()?;
    ensure!(answer["usage"]["completion_tokens"] == 7, "{answer}");
    ensure!(front.served() == 1, "{}", front.served());
    let call = stage.only_call().await?;
    ensure!(nanos(&call["cost"]) == cost(PROMPT_TOKENS, 7), "{call}");
    ensure!(call["attempts"].as_array().map(Vec::len) == Some(2), "{call}");
    stage.audit().await
}

/// A server that closes its connections between two calls, or while they come, costs no call.
#[tokio::test]
async fn connections_that_are_closed_cost_no_call() -> anyhow::Result<()> {
    let (stage, front, _directory) = behind_a_front().await?;
    for _ in 0..30 {
        stage.ask(&request(json!({}))).await?.success()?;
        front.close_connections();
    }
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let holder = stage.holder()?;
        calls.spawn(async move {
            for _ in 0..20 {
                let body = request(json!({}));
                holder.post_json("/v1/chat/completions", &body).await?.success()?;
            }
            anyhow::Ok(())
        });
    }
    let closing = async {
        loop {
            front.close_connections();
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let called = async {
        while let Some(ended) = calls.join_next().await {
            ended??;
        }
        anyhow::Ok(())
    };
    tokio::select! {
        called = called => called?,
        () = closing => {}
    }
    let calls = stage.calls_when(190).await?;
    let attempts = calls.iter().filter(|call| call["attempts"].as_array().map(Vec::len) != Some(1));
    ensure!(attempts.count() == 0, "a call needed another attempt: {calls:?}");
    stage.audit().await
}

/// A certificate that nobody vouches for is not called.
#[tokio::test]
async fn an_unknown_certificate_is_not_trusted() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let front = Front::of(&Authority::new()?.sign()?, stage.provider.base_url()).await?;
    let secret = testkit::world::UPSTREAM_SECRET;
    stage.edit_channel(json!({"base_url": front.base_url(), "secret": secret})).await?;
    let answer = stage.ask(&request(json!({}))).await?;
    ensure!(answer.status == 502, "{}", answer.text());
    ensure!(front.served() == 0 && stage.provider.totals().received == 0);
    stage.audit().await
}
