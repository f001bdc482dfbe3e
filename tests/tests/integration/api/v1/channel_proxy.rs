//! Channels behind a proxy: `CONNECT` and SOCKS5, with tiny proxies of the test's own.

use anyhow::{Context, ensure};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::stage::{MODEL, Stage, request};

/// A name that only the proxies know.
const HOST: &str = "upstream.test";

/// A proxy that leads everything to one address and notes what it was asked for.
struct TinyProxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone, Copy)]
enum Kind {
    Connect,
    Socks5,
}

impl TinyProxy {
    async fn start(kind: Kind, upstream: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let notes = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(kind, stream, upstream, Arc::clone(&notes)));
            }
        });
        Ok(Self { address, asked })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(
    kind: Kind,
    mut stream: TcpStream,
    upstream: SocketAddr,
    notes: Arc<Mutex<Vec<String>>>,
) -> anyhow::Result<()> {
    let asked = match kind {
        Kind::Connect => connect(&mut stream).await?,
        Kind::Socks5 => socks5(&mut stream).await?,
    };
    notes.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    let mut target = TcpStream::connect(upstream).await?;
    tokio::io::copy_bidirectional(&mut stream, &mut target).await?;
    Ok(())
}

async fn connect(stream: &mut TcpStream) -> anyhow::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    Ok(String::from_utf8(head)?)
}

async fn socks5(stream: &mut TcpStream) -> anyhow::Result<String> {
    let mut greeting = [0; 3];
    stream.read_exact(&mut greeting).await?;
    ensure!(greeting == [5, 1, 2], "a login is expected: {greeting:?}");
    stream.write_all(&[5, 2]).await?;
    ensure!(stream.read_u8().await? == 1);
    let user = text(stream).await?;
    let password = text(stream).await?;
    stream.write_all(&[1, 0]).await?;
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    ensure!(head == [5, 1, 0, 3], "a name is expected: {head:?}");
    let host = text(stream).await?;
    let port = stream.read_u16().await?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    Ok(format!("{user}:{password}@{host}:{port}"))
}

async fn text(stream: &mut TcpStream) -> anyhow::Result<String> {
    let mut bytes = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut bytes).await?;
    Ok(String::from_utf8(bytes)?)
}

fn upstream(stage: &Stage) -> anyhow::Result<SocketAddr> {
    let url = stage.provider.base_url();
    Ok(url.strip_prefix("http://").context("no http")?.trim_end_matches('/').parse()?)
}

/// Moves the scene's channel to a name that only the proxy can resolve.
async fn behind(stage: &Stage, proxy: &str) -> anyhow::Result<()> {
    let base_url = format!("http://{HOST}:{}", upstream(stage)?.port());
    let secret = testkit::world::UPSTREAM_SECRET;
    let edited = json!({"base_url": base_url, "secret": secret, "proxy": proxy});
    stage.edit_channel(edited).await?;
    Ok(())
}

#[tokio::test]
async fn calls_go_through_an_http_proxy() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let proxy = TinyProxy::start(Kind::Connect, upstream(&stage)?).await?;
    behind(&stage, &format!("http://us:p%40ss@{}", proxy.address)).await?;
    for _ in 0..3 {
        stage.ask(&request(json!({}))).await?.success()?;
    }
    let asked = proxy.asked();
    let first = asked.first().context("the proxy was not asked")?;
    let port = upstream(&stage)?.port();
    ensure!(first.starts_with(&format!("CONNECT {HOST}:{port} HTTP/1.1\r\n")), "{first}");
    ensure!(first.contains("Proxy-Authorization: Basic dXM6cEBzcw==\r\n"), "{first}");
    let log = std::fs::read_to_string(stage.gateway.stderr_path())?;
    ensure!(!log.contains("p@ss") && !log.contains("p%40ss"), "{log}");
    let tested = format!("/api/v1/channels/{}/test", stage.channel);
    let tested = stage.management.post_json(&tested, &json!({})).await?.success()?.json()?;
    ensure!(tested["ok"] == true, "{tested}");
    stage.audit().await
}

#[tokio::test]
async fn calls_go_through_a_socks5_proxy_that_resolves_the_name() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let proxy = TinyProxy::start(Kind::Socks5, upstream(&stage)?).await?;
    behind(&stage, &format!("socks5://user:word@{}", proxy.address)).await?;
    stage.ask(&request(json!({"stream": true}))).await?.success()?;
    let expected = format!("user:word@{HOST}:{}", upstream(&stage)?.port());
    ensure!(proxy.asked() == [expected], "{:?}", proxy.asked());
    stage.audit().await
}

/// Connections through one proxy serve no channel behind another.
#[tokio::test]
async fn proxies_share_no_connections() -> anyhow::Result<()> {
    let stage =
        Stage::set_with(|gateway| gateway.args(["--workers", "1"].map(String::from))).await?;
    let first = TinyProxy::start(Kind::Connect, upstream(&stage)?).await?;
    let second = TinyProxy::start(Kind::Connect, upstream(&stage)?).await?;
    for proxy in [&first, &second, &first] {
        behind(&stage, &format!("http://{}", proxy.address)).await?;
        stage.ask(&request(json!({}))).await?.success()?;
    }
    ensure!(first.asked().len() == 1, "one connection is kept: {:?}", first.asked());
    ensure!(second.asked().len() == 1, "{:?}", second.asked());
    Ok(())
}

/// The proxy must not be led into its own or our surroundings.
#[tokio::test]
async fn a_private_target_is_refused_before_the_proxy_is_asked() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let proxy = TinyProxy::start(Kind::Connect, upstream(&stage)?).await?;
    stage.price("odd", json!({"input": 1, "output": 2})).await?;
    for host in ["10.1", "0x0a000001", "167772161", "metadata.google.internal.", "[fd00::1]"] {
        let fields = json!({"name": host, "base_url": format!("http://{host}"), "models": ["odd"],
            "proxy": format!("http://{}", proxy.address), "provider": "openai", "secret": "x"});
        let made = stage.management.post_json("/api/v1/channels", &fields).await?;
        if made.status == 422 {
            continue;
        }
        let id = made.success()?.json()?["id"].as_str().unwrap_or_default().to_owned();
        let answer = stage.ask(&request(json!({"model": "odd"}))).await?;
        ensure!(answer.status == 502, "{host}: {}", answer.text());
        stage.management.delete(&format!("/api/v1/channels/{id}")).await?.success()?;
    }
    ensure!(proxy.asked().is_empty(), "{:?}", proxy.asked());
    stage.ask(&request(json!({"model": MODEL}))).await?.success()?;
    Ok(())
}

/// A proxy that refuses is told to the operator, not to the caller.
#[tokio::test]
async fn a_proxy_that_is_not_there_fails_the_channel() -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    behind(&stage, &format!("http://{nobody}")).await?;
    let answer = stage.ask(&request(json!({}))).await?;
    ensure!(
        answer.status == 502 && !answer.text().contains(&nobody.to_string()),
        "{}",
        answer.text()
    );
    Ok(())
}
