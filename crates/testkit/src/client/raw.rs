//! Bytes straight onto a TCP connection, for requests that no HTTP library would send.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends the bytes and reads until the server closes, or until the patience is over; returns what
/// came. The sending side stays open, as a slow client's would.
///
/// # Errors
/// When the connection cannot be made.
pub async fn exchange(
    address: SocketAddr,
    bytes: &[u8],
    patience: Duration,
) -> anyhow::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("cannot connect to {address}"))?;
    let mut received = Vec::new();
    let talk = async {
        stream.write_all(bytes).await?;
        stream.read_to_end(&mut received).await
    };
    // A server may reset a connection it refuses; what it said before still counts.
    let _ended = tokio::time::timeout(patience, talk).await;
    Ok(received)
}

/// Sends the bytes and closes the connection at once.
///
/// # Errors
/// When the connection cannot be made or the bytes cannot be sent.
pub async fn send_and_leave(address: SocketAddr, bytes: &[u8]) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(bytes).await?;
    Ok(())
}
