//! What an HTTP library does not show: bytes as they came, what the other side has read, signals.

use anyhow::{Context, ensure};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use testkit::client::Response;
use testkit::gateway_process::GatewayProcess;
use tokio::net::TcpStream;

use super::eventually;

/// The first answer in what a server sent; its body must not be chunked.
pub(crate) fn answer_in(bytes: &[u8]) -> anyhow::Result<Response> {
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, body) = bytes.split_at(
        split.with_context(|| format!("no whole head in {:?}", String::from_utf8_lossy(bytes)))?,
    );
    let mut lines = std::str::from_utf8(head)?.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status line")?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').with_context(|| format!("a header: {line}"))?;
        headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value.trim())?);
    }
    let length: usize = match headers.get("content-length") {
        Some(length) => length.to_str()?.parse()?,
        None => 0,
    };
    let body = body.get(4..4 + length).context("the body is cut off")?.to_vec();
    Ok(Response { status: StatusCode::try_from(status)?, headers, body: body.into() })
}

/// Waits until the gateway has read everything that was sent on a connection.
pub(crate) async fn until_read(connection: &TcpStream) -> anyhow::Result<()> {
    let (ours, theirs) = (connection.local_addr()?.port(), connection.peer_addr()?.port());
    eventually("the gateway has read what was sent", || async {
        let sockets = std::fs::read_to_string("/proc/net/tcp")?;
        // local, remote, state, "transmit:receive" queues
        let queue = sockets.lines().find_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [_, local, remote, _, queues, ..] = fields.as_slice() else { return None };
            let is = |address: &str, port: u16| address.ends_with(&format!(":{port:04X}"));
            (is(local, theirs) && is(remote, ours)).then(|| queues.to_string())
        });
        Ok(queue.context("no such connection")?.ends_with(":00000000"))
    })
    .await
}

/// Sends a signal and does not wait.
pub(crate) fn signal(gateway: &GatewayProcess, signal: Signal) -> anyhow::Result<()> {
    let id = gateway.process_id().context("the gateway has ended")?;
    ensure!(id > 1, "no process of ours: {id}");
    kill_process(Pid::from_raw(i32::try_from(id)?).context("no process id")?, signal)?;
    Ok(())
}
