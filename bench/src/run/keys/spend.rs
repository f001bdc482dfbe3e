//! One call with each of many keys, over a few connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::framing::Connection;
use crate::load::chat_request;

const CONNECTIONS: usize = 32;

/// Calls a second, each with a key that was not used before.
pub(super) async fn once_each(target: SocketAddr, secrets: &[String]) -> anyhow::Result<f64> {
    let secrets: Arc<[String]> = secrets.into();
    let begun = Instant::now();
    let mut connections = JoinSet::new();
    for mine in 0..CONNECTIONS {
        let secrets = Arc::clone(&secrets);
        connections.spawn(async move {
            let mut connection = Connection::new(TcpStream::connect(target).await?);
            for secret in secrets.iter().skip(mine).step_by(CONNECTIONS) {
                let request = chat_request(target, secret, "bench-json", 200);
                connection.stream.write_all(&request).await?;
                let head = connection.head().await?.context("closed instead of an answer")?;
                connection.body(head.framing, |_| {}).await?;
                ensure!(head.status == 200, "status {}", head.status);
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = connections.join_next().await {
        ended??;
    }
    Ok(secrets.len() as f64 / begun.elapsed().as_secs_f64())
}
