//! The load generator: keep-alive connections that send one prebuilt request again and again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::framing::Connection;
use crate::options::Options;

/// A round ends after this time, whatever it was to send.
const LONGEST_ROUND: Duration = Duration::from_secs(120);

/// What is sent, and how often.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) target: SocketAddr,
    pub(crate) connections: usize,
    pub(crate) requests: usize,
    pub(crate) request: Bytes,
}

/// What came of it. Times in nanoseconds, sorted.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) elapsed: Duration,
    pub(crate) errors: usize,
    /// Server-sent events received.
    pub(crate) events: u64,
    /// From sending a request to the last byte of its answer.
    pub(crate) latencies: Vec<u64>,
    /// From sending a request to the first byte of its answer's body.
    pub(crate) first_bytes: Vec<u64>,
}

impl Load {
    /// Sends everything and waits for the answers. The connections are made before the clock
    /// starts: one lost SYN takes a second, longer than many a round.
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let mut connections = Vec::with_capacity(self.connections);
        for _ in 0..self.connections {
            connections.push(connect(self.target).await?);
        }
        let sent = Arc::new(AtomicUsize::new(0));
        let start = Instant::now();
        let deadline = start + LONGEST_ROUND;
        let mut workers = JoinSet::new();
        for connection in connections {
            workers.spawn(work(connection, self.clone(), Arc::clone(&sent), deadline));
        }
        let mut all = Outcome::default();
        while let Some(finished) = workers.join_next().await {
            match finished {
                Ok(part) => all.add(part),
                Err(_) => all.errors += 1,
            }
        }
        all.elapsed = start.elapsed();
        all.latencies.sort_unstable();
        all.first_bytes.sort_unstable();
        Ok(all)
    }
}

impl Outcome {
    /// Answers received whole.
    pub(crate) fn answered(&self) -> usize {
        self.latencies.len()
    }

    fn add(&mut self, part: Self) {
        self.errors += part.errors;
        self.events += part.events;
        self.latencies.extend(part.latencies);
        self.first_bytes.extend(part.first_bytes);
    }
}

/// The value below which this share of a sorted list lies, in microseconds.
pub(crate) fn percentile_micros(sorted: &[u64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let position = (last as f64 * share).round() as usize;
    sorted.get(position).map_or(f64::NAN, |nanos| *nanos as f64 / 1_000.0)
}

/// A chat request for this model, with a body of about so many bytes.
pub(crate) fn chat_request(
    target: SocketAddr,
    secret: &str,
    model: &str,
    body_bytes: usize,
) -> Bytes {
    let streams = !model.ends_with("json");
    let text = "word ".repeat(body_bytes / 5 + 1);
    // The upstream looks for the model near the start, so it is written first, by hand.
    let options =
        if streams { r#","stream":true,"stream_options":{"include_usage":true}"# } else { "" };
    let messages = json!([{"role": "user", "content": text}]);
    let body = format!(r#"{{"model":"{model}"{options},"max_tokens":64,"messages":{messages}}}"#);
    let length = body.len();
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {target}\r\nauthorization: Bearer {secret}\
         \r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into()
}

/// `tollkeeper-bench load`: one round, printed.
pub(crate) async fn command(options: &Options) -> anyhow::Result<()> {
    let target = options.target()?;
    let request = chat_request(target, &options.secret, &options.model, options.body_bytes);
    let (connections, requests) = (options.connections, options.requests);
    let outcome = Load { target, connections, requests, request }.run().await?;
    let seconds = outcome.elapsed.as_secs_f64();
    let line = json!({
        "answered": outcome.answered(),
        "errors": outcome.errors,
        "seconds": seconds,
        "calls_per_second": outcome.answered() as f64 / seconds,
        "events_per_second": outcome.events as f64 / seconds,
        "p50_microseconds": percentile_micros(&outcome.latencies, 0.5),
        "p99_microseconds": percentile_micros(&outcome.latencies, 0.99),
        "first_byte_p50_microseconds": percentile_micros(&outcome.first_bytes, 0.5),
    });
    let text = if options.json { line.to_string() } else { format!("{line:#}") };
    std::io::Write::write_all(&mut std::io::stdout(), format!("{text}\n").as_bytes())
        .context("cannot print")
}

/// One connection's share; after an error it connects again.
async fn work(
    connection: Connection,
    load: Load,
    sent: Arc<AtomicUsize>,
    deadline: Instant,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut open = Some(connection);
    while sent.fetch_add(1, Ordering::Relaxed) < load.requests && Instant::now() < deadline {
        let exchanged = async {
            let mut connection = match open.take() {
                Some(connection) => connection,
                None => connect(load.target).await?,
            };
            exchange(&mut connection, &load.request, &mut outcome).await?;
            anyhow::Ok(connection)
        };
        match tokio::time::timeout_at(deadline.into(), exchanged).await {
            Ok(Ok(connection)) => open = Some(connection),
            Ok(Err(_)) | Err(_) => outcome.errors += 1,
        }
    }
    outcome
}

async fn connect(target: SocketAddr) -> anyhow::Result<Connection> {
    let stream = TcpStream::connect(target).await?;
    stream.set_nodelay(true)?;
    Ok(Connection::new(stream))
}

async fn exchange(
    connection: &mut Connection,
    request: &[u8],
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let start = Instant::now();
    connection.stream.write_all(request).await?;
    let head = connection.head().await?.context("closed instead of an answer")?;
    let mut first_byte = None;
    let mut line_feeds = 0;
    connection
        .body(head.framing, |piece| {
            first_byte.get_or_insert_with(|| start.elapsed());
            line_feeds += memchr::memchr_iter(b'\n', piece).count();
        })
        .await?;
    anyhow::ensure!(head.status == 200, "status {}", head.status);
    outcome.latencies.push(nanos(start.elapsed()));
    outcome.first_bytes.push(nanos(first_byte.unwrap_or_default()));
    // An event ends in two line feeds and has no other.
    outcome.events += line_feeds as u64 / 2;
    Ok(())
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
