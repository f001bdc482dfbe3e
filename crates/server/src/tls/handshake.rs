//! A connection's first bytes: the hand-shake, or an answer for whoever speaks plain http here.

use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Why there is no encrypted connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// The client speaks plain http, and was told.
    #[error("plain http on the https port")]
    PlainHttp,
    /// The hand-shake failed.
    #[error("no hand-shake: {0}")]
    Failed(#[from] io::Error),
    /// The hand-shake took too long.
    #[error("the hand-shake took too long")]
    TooSlow,
}

/// How long a client may take to read that it is wrong here.
const GOODBYE: Duration = Duration::from_secs(1);
/// So much of what a plain client still sends is read, so that the answer is not lost in a reset.
const LONGEST_GOODBYE: u64 = 64 * 1024;
const PLAIN: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    content-length: 67\r\n\
    connection: close\r\n\r\n\
    This port speaks https. Use https:// in place of http:// in the URL";

/// Makes a connection an encrypted one, within a time.
pub(crate) async fn shake_hands(
    acceptor: &TlsAcceptor,
    mut stream: TcpStream,
    within: Duration,
) -> Result<TlsStream<TcpStream>, Refused> {
    let hands = async {
        let mut first = [0];
        // A hand-shake begins with 22; the name of an HTTP method with a capital letter.
        if stream.peek(&mut first).await? == 1 && first.iter().all(u8::is_ascii_uppercase) {
            return Ok(Err(stream));
        }
        acceptor.accept(stream).await.map(Ok)
    };
    match timeout(within, hands).await {
        Ok(Ok(Ok(encrypted))) => return Ok(encrypted),
        Ok(Ok(Err(plain))) => stream = plain,
        Ok(Err(error)) => return Err(error.into()),
        Err(_) => return Err(Refused::TooSlow),
    }
    let goodbye = async {
        stream.write_all(PLAIN).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LONGEST_GOODBYE), &mut tokio::io::sink()).await
    };
    let _ = timeout(GOODBYE, goodbye).await;
    Err(Refused::PlainHttp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_the_refusal_is_right() {
        let text = std::str::from_utf8(PLAIN).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())));
    }
}
